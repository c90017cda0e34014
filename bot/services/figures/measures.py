"""Every figure of the overview: its name, what it counts in words, what it is made of."""

from dataclasses import dataclass

from bot.services.figures.counts import By
from bot.services.figures.periods import Filter
from bot.services.figures.table import Kind

PARTS = ("questions", "answered", "asked_back", "not_covered")


@dataclass(frozen=True)
class Measure:
    """One figure. of: for a share or mean, the two counts it is made of; percent and score are derived from what is shown.

    by: the dimensions it is counted by. tied: each thing counted belongs to exactly one row, so that a total can betray a cell.
    """

    key: str
    title: str
    definition: str
    kind: Kind = "count"
    of: tuple[str, str] | None = None
    by: tuple[By, ...] = ("week", "channel", "commune")
    heading: str = ""
    untied: tuple[By, ...] = ()

    @property
    def short(self) -> str:
        return self.heading or self.title


ALL: tuple[By, ...] = ("week", "channel", "commune", "course")
MEASURES = (
    Measure("citizens", "Người dân đã đồng ý", "Số người đã đồng ý lưu ít nhất một loại dữ liệu, tính đến cuối kỳ. "
            "Người đã xóa dữ liệu không còn trong số này. Kênh là kênh họ đồng ý lần đầu.", by=("channel", "commune"), heading="Người dân"),
    Measure("joined", "Người dân mới", "Số người đồng ý lần đầu trong kỳ.", heading="Mới"),
    Measure("active", "Đang dùng", "Số cuộc trò chuyện có người dân nhắn ít nhất một tin trong kỳ, kể cả người chưa đồng ý lưu dữ liệu. "
            "Một người dùng hai kênh là hai cuộc trò chuyện.", untied=("week",)),
    Measure("questions", "Câu hỏi thủ tục", "Số câu hỏi về thủ tục hành chính mà máy đã xử lý.", heading="Câu hỏi"),
    Measure("answered", "Trả lời được", "Câu hỏi nhận được thẻ trả lời ngay."),
    Measure("asked_back", "Phải hỏi lại", "Câu hỏi mà máy phải hỏi lại cho rõ ý, hoặc đưa các thủ tục để chọn.", heading="Hỏi lại"),
    Measure("not_covered", "Chưa có câu trả lời", "Câu hỏi mà máy chưa có thủ tục để trả lời.", heading="Chưa có"),
    Measure("answered_rate", "Tỉ lệ trả lời được", "Số câu trả lời được chia cho số câu hỏi.", "percent", ("answered", "questions"), heading="% trả lời được"),
    Measure("enrolled", "Lượt ghi danh học", "Số lượt mở một khóa học trong kỳ; học lại là lượt mới.", by=ALL, heading="Ghi danh"),
    Measure("begun", "Lượt bắt đầu học", "Trong các lượt ghi danh của kỳ: lượt đã trả lời ít nhất một câu, hoặc đã qua thẻ đầu tiên.", by=ALL,
            heading="Bắt đầu"),
    Measure("completed", "Lượt hoàn thành", "Trong các lượt ghi danh của kỳ: lượt đã học hết mọi bài, tính đến hôm nay.", by=ALL, heading="Hoàn thành"),
    Measure("begun_rate", "Tỉ lệ bắt đầu", "Lượt bắt đầu học chia cho lượt ghi danh.", "percent", ("begun", "enrolled"), ALL, "% bắt đầu"),
    Measure("completed_rate", "Tỉ lệ hoàn thành", "Lượt hoàn thành chia cho lượt ghi danh.", "percent", ("completed", "enrolled"), ALL, "% hoàn thành"),
    Measure("finished_rate", "Tỉ lệ học đến cùng", "Lượt hoàn thành chia cho lượt bắt đầu học.", "percent", ("completed", "begun"), ALL, "% đến cùng"),
    Measure("both", "Lượt thi cả trước và sau", "Trong các lượt ghi danh của kỳ: lượt làm đủ bài thử sức trước và sau khóa học.", by=ALL,
            heading="Thi đủ hai lần"),
    Measure("gain", "Tiến bộ khi học", "Điểm thử sức sau trừ điểm trước (thang 100), trung bình của các lượt làm đủ cả hai.", "points",
            ("gain", "both"), ALL, "Tiến bộ"),
    Measure("sent", "Lời nhắc đã gửi", "Số lời nhắc đã gửi đi: việc người dân nhờ nhắc, và nhắc học, nhắc ôn.", heading="Lời nhắc"),
    Measure("replied", "Lời nhắc có hồi đáp", "Lời nhắc mà người dân nhắn lại trong vòng 24 giờ.", heading="Có hồi đáp"),
    Measure("replied_rate", "Tỉ lệ hồi đáp lời nhắc", "Lời nhắc có hồi đáp chia cho lời nhắc đã gửi.", "percent", ("replied", "sent"), heading="% hồi đáp"),
    Measure("ratings", "Lượt đánh giá", "Số lượt chấm điểm từ 1 đến 5, không gắn với ai; của khóa học là lượt chấm cuối bài.", by=ALL, heading="Đánh giá"),
    Measure("satisfaction", "Mức hài lòng", "Điểm trung bình của các lượt đánh giá, cao nhất là 5.", "score", ("scores", "ratings"), ALL, "Hài lòng"),
)
OF_COURSES = ("enrolled", "begun", "completed", "begun_rate", "completed_rate", "finished_rate", "both", "gain", "ratings", "satisfaction")
"""What is left when one course is chosen."""


def measures_of(flt: Filter, by: By | None = None) -> list[Measure]:
    return [m for m in MEASURES if (not flt.course or m.key in OF_COURSES) and (by is None or by in m.by)]
