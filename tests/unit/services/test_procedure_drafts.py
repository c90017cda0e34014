"""A procedure is edited by one person, published by another, live with the next question; nothing else gets out."""

import json

import pytest
from sqlalchemy import select

from bot.errors import Refusal
from bot.services import ask, golden, procedure_drafts, procedures_desk, webhooks
from bot.services.catalogue import Catalogue, replace
from bot.services.golden import Regressed
from bot.store.tables import AuditEntry, ProcedureDraft, ProcedureRow, ProcedureVersion
from tests.factories import TUESDAY_TEN, FrozenClock
from tests.unit.procedure_desk import AN, BEES, BINH, BIRTH, DEATH, SWIFTS, fill, shipped

KEY = f"curated:{BIRTH}"
FEE = "Thu 8.000 đồng mỗi bản sao."


@pytest.fixture
def clock():
    return FrozenClock()


@pytest.fixture
def desk(database, tmp_path, clock):
    """A filled database; gives its catalogue, which keeps its index as the running server does."""
    fill(database)
    clock.forward(minutes=1)
    found = Catalogue(database, tmp_path / "index")
    found.refresh()
    return found


def edited(database, clock, who=AN, key=KEY, submitted=True, **fields) -> ProcedureDraft:
    """A draft with these fields changed, sent for approval."""
    with database.write() as session:
        draft = procedure_drafts.begin(session, who, key, clock())
        draft = procedure_drafts.save(session, who, draft.id, draft.revision, {**draft.document, **fields}, clock())
        if submitted:
            procedure_drafts.submit(session, who, draft.id, "Lệ phí đổi", clock())
    return draft


def approve(database, desk, clock, draft, who=BINH):
    return procedure_drafts.approve(database, desk, who, draft.id, draft.revision, clock())


def test_a_fee_is_changed_by_two_people_and_told_with_the_next_question(database, desk, clock):
    index = desk.index
    draft = edited(database, clock, fee=FEE)
    assert FEE not in desk.facts(BIRTH).fee
    assert approve(database, desk, clock, draft) == BIRTH
    assert ask.understand(desk, "làm giấy khai sinh hết bao nhiêu tiền", None, "fee").code == BIRTH
    assert desk.facts(BIRTH).fee == FEE
    assert desk.index is index  # what search reads has not changed, so nothing was built
    other = Catalogue(database)
    other.refresh()
    assert other.facts(BIRTH).fee == FEE
    with database.read() as session:
        assert session.scalars(select(ProcedureDraft)).all() == []
        actions = session.execute(select(AuditEntry.action, AuditEntry.login).order_by(AuditEntry.id)).all()
        assert [tuple(a) for a in actions] == [("submitted", "an"), ("published", "binh")]


def test_nobody_publishes_what_they_wrote_and_nothing_unsent_goes_out(database, desk, clock):
    draft = edited(database, clock, fee=FEE)
    with pytest.raises(Refusal, match="người khác phải duyệt"):
        approve(database, desk, clock, draft, AN)
    unsent = edited(database, clock, key=f"curated:{DEATH}", submitted=False, fee=FEE)
    with pytest.raises(Refusal, match="chưa được gửi duyệt"):
        approve(database, desk, clock, unsent)
    with database.write() as session:  # whoever mends a draft of somebody else has written it too
        draft = procedure_drafts.save(session, BINH, draft.id, draft.revision, {**draft.document, "fee": "Khác."}, clock())
        procedure_drafts.submit(session, AN, draft.id, "", clock())
    with pytest.raises(Refusal, match="người khác phải duyệt"):
        approve(database, desk, clock, draft)


def test_receivers_of_events_hear_of_what_was_approved(database, desk, clock):
    with database.write() as session:
        webhooks.add_endpoint(session, webhooks.seal_of(b"key"), "Cổng", "https://cong.example", ["procedure"], True, clock())
    approve(database, desk, clock, edited(database, clock, fee=FEE))
    with database.read() as session:
        ((kind, body),) = [(row.kind, json.loads(row.body)["data"]) for row in webhooks.newest(session)]
    assert kind == "procedure" and (body["code"], body["changed"]) == (BIRTH, ["fee"])


def test_history_says_who_when_and_what(database, desk, clock):
    approve(database, desk, clock, edited(database, clock, fee=FEE))
    clock.forward(days=1)
    approve(database, desk, clock, edited(database, clock, who=BINH, duration="2 ngày"), AN)
    with database.read() as session:
        steps = procedures_desk.history(session, BIRTH)
        assert [(s.version.source, s.version.author, s.version.approver, [c.field for c in s.changes]) for s in steps] == [
            ("studio", "binh", "an", ["duration"]), ("studio", "an", "binh", ["fee"]), ("files", "", "", [])]
        assert steps[1].changes[0].come == (FEE,) and steps[1].changes[0].label == "Lệ phí"
        assert steps[0].version.at == clock()


def test_an_older_version_comes_back_as_a_draft(database, desk, clock):
    approve(database, desk, clock, edited(database, clock, fee=FEE))
    before = shipped()[BIRTH]["fee"]
    with database.write() as session:
        oldest = procedures_desk.history(session, BIRTH)[-1].version
        draft = procedure_drafts.from_version(session, AN, oldest.document, oldest.key, clock())
        procedure_drafts.submit(session, AN, draft.id, "", clock())
    clock.forward(minutes=1)
    approve(database, desk, clock, draft)
    assert desk.facts(BIRTH).fee == before


def test_two_people_do_not_overwrite_each_other(database, desk, clock):
    draft = edited(database, clock, submitted=False, fee=FEE)
    with database.write() as session:
        procedure_drafts.save(session, BINH, draft.id, draft.revision, draft.document, clock())
    with pytest.raises(procedure_drafts.Conflict), database.write() as session:
        procedure_drafts.save(session, AN, draft.id, draft.revision - 1, draft.document, clock())


def test_a_text_that_changed_meanwhile_is_looked_at_again(database, desk, clock):
    draft = edited(database, clock, fee=FEE)
    with database.write() as session:
        procedures_desk.looked_at_again(session, BINH, BIRTH, None, clock())
    with pytest.raises(Refusal, match="đã đổi sau khi soạn"):
        approve(database, desk, clock, draft)


@pytest.mark.parametrize(("fields", "said"), [
    ({"fee": ""}, "Lệ phí"), ({"steps": []}, "ít nhất một bước"), ({"ways_people_ask": ["a", "b"]}, "ít nhất 10"),
    ({"sources": [{"id": "x", "title": "Nghe nói", "url": "", "grade": "C"}]}, "hạng A"), ({"review_by": "2026-11-01"}, "Hạn xem lại"),
    ({"official_url": "http://x"}, "https://"), ({"also_codes": [DEATH]}, "đã có ở bài"), ({"conditions": "Gọi 1900 1234 để hỏi"}, "số điện thoại"),
    ({"changed": "Căn cước của ông A là 037088001234"}, "số giấy tờ"), ({"checked_on": "2026-02-30"}, "ngày có thật")])
def test_what_is_wrong_is_named_and_nothing_is_sent(database, desk, clock, fields, said):
    with pytest.raises(Refusal, match=said):
        edited(database, clock, **fields)


def test_what_was_sent_back_carries_its_reason(database, desk, clock):
    draft = edited(database, clock, fee=FEE)
    with database.write() as session, pytest.raises(Refusal, match="lý do"):
        procedure_drafts.refuse(session, BINH, draft.id, " ", clock())
    with database.write() as session:
        procedure_drafts.refuse(session, BINH, draft.id, "Chưa ghi nguồn của mức thu.", clock())
    with database.read() as session:
        back = session.get_one(ProcedureDraft, draft.id)
        assert (back.state, back.remark) == ("draft", "Chưa ghi nguồn của mức thu.")


# ways to ask, and golden questions

def test_a_way_to_ask_of_what_is_known_by_name_is_searched_once_approved(database, desk, clock):
    question = "cứu với nhà tôi có bầy côn trùng bay chích"
    draft = edited(database, clock, key=f"ways:{BEES}", ways=[*desk.procedure(BEES).ways, "có bầy côn trùng bay chích trong nhà"])
    with database.read() as session:
        tried = procedure_drafts.after(desk, session, draft, clock().date())
    assert tried.search(question).hits[0].score > desk.index.search(question).hits[0].score
    assert "có bầy côn trùng bay chích trong nhà" not in desk.procedure(BEES).ways
    approve(database, desk, clock, draft)
    assert desk.index.search(question).hits[0].code == BEES


def test_a_golden_question_that_would_lose_its_procedure_stops_it(database, desk, clock):
    with database.write() as session:
        golden.add(session, BINH, desk.index, [("khai sinh cho con", BIRTH), ("đăng ký khai tử cho bố", DEATH)], clock())
    stolen = [w for w in shipped()[BIRTH]["ways_people_ask"] if "khai sinh" in w][:20]
    draft = edited(database, clock, key=f"curated:{DEATH}", name="Khai sinh cho con", aliases=["khai sinh cho con"],
                   ways_people_ask=[*stolen, "khai sinh cho con tôi", "làm khai sinh cho con"])
    with pytest.raises(Regressed) as stopped:
        approve(database, desk, clock, draft)
    [lost] = [w for w in stopped.value.worse if w.question == "khai sinh cho con"]
    assert (lost.code, lost.before.hits[0].code, lost.after.hits[0].code) == (BIRTH, BIRTH, DEATH)
    with database.read() as session:
        assert session.get_one(ProcedureRow, f"curated:{DEATH}").studio_at is None
    with database.write() as session:  # whoever has the right may give the question up
        for one in golden.all_of(session):
            golden.remove(session, BINH, one.id, clock())
    approve(database, desk, clock, draft)
    assert desk.index.search("khai sinh cho con").hits[0].code == DEATH


def test_a_list_of_golden_questions_is_taken_whole_or_not_at_all(database, desk, clock):
    lines = golden.lines_of(f"\ufefflàm khai sinh\t{BIRTH}\n\nnuôi yến có phải xin phép không\t{SWIFTS}\n")
    with database.write() as session:
        assert golden.add(session, AN, desk.index, lines, clock()) == 2
        assert golden.add(session, AN, desk.index, [("Lam khai sinh", BIRTH)], clock()) == 0
    for text, said in (("làm khai sinh", "tab"), ("", "không có dòng nào"), ("một\t9.999999", "không có thủ tục"), (f"lam khai sinh\t{DEATH}", "đã có"),
                       (f"căn cước 037088001234\t{DEATH}", "số giấy tờ")):
        with pytest.raises(Refusal, match=said), database.write() as session:
            golden.add(session, AN, desk.index, [(f"khai tử\t{DEATH}".split("\t")[0], DEATH), *golden.lines_of(text)], clock())
    with database.read() as session:
        assert len(golden.all_of(session)) == 2


# new texts

def test_a_record_of_the_portal_becomes_a_text_of_ours(database, desk, clock):
    with database.write() as session:
        draft = procedure_drafts.begin(session, AN, f"curated:{SWIFTS}", clock())
        assert (draft.document["name"], draft.document["fee"], draft.document["papers"][0]["originals"]) == ("Cấp phép nuôi chim yến", "", 1)
        doc = {**draft.document, "fee": "Không thu.", "duration": "3 ngày", "field": "Nông nghiệp", "applicants": "Hộ nuôi yến", "result": "Giấy phép",
               "ways_people_ask": [f"nuôi yến {w}" for w in "một hai ba bốn năm sáu bảy tám chín mười".split()]}
        draft = procedure_drafts.save(session, AN, draft.id, draft.revision, doc, clock())
        procedure_drafts.submit(session, AN, draft.id, "", clock())
    approve(database, desk, clock, draft)
    assert desk.facts(SWIFTS).fee == "Không thu." and "Đối chiếu ngày 24/11/2026" in desk.facts(SWIFTS).source


def test_a_new_text_needs_a_code_of_its_own(database, desk, clock):
    with database.write() as session:
        assert procedure_drafts.next_code(session) == "NB.0001"
        draft = procedure_drafts.begin_new(session, AN, "NB.0001", "Xin tưới nước cho cây ở công viên", clock())
        assert procedure_drafts.next_code(session) == "NB.0002"
        for code, name, said in ((BIRTH, "Khai sinh", "Đã có thủ tục"), ("a b", "Khai sinh", "Mã gồm"), ("NB.0009", "x", "tên thủ tục")):
            with pytest.raises(Refusal, match=said):
                procedure_drafts.begin_new(session, AN, code, name, clock())
        procedure_drafts.discard(session, draft.id)
        assert procedure_drafts.everything(session) == []


# the list, and dates of review

def test_the_list_is_searched_without_diacritics_and_by_what_is_due(database, desk, clock):
    edited(database, clock, submitted=False, fee=FEE)
    with database.read() as session:
        assert [line.code for line in procedures_desk.listed(session, "khai SINH dang ky")] == [BIRTH]
        assert [line.code for line in procedures_desk.listed(session, "9.0000")] == [SWIFTS]
        assert [line.code for line in procedures_desk.listed(session, origin="ways")] == [BEES]
        assert [(line.code, line.draft) for line in procedures_desk.listed(session, drafts_only=True)] == [(BIRTH, "draft")]
        due = procedures_desk.listed(session, due_by=max(line.review_by for line in procedures_desk.listed(session) if line.review_by))
        assert {line.code for line in due} == set(shipped()) and due == sorted(due, key=lambda line: line.review_by)
        assert procedures_desk.listed(session, due_by=clock().date()) == []


def test_what_was_looked_at_again_gets_new_dates_and_an_entry(database, desk, clock):
    index = desk.index
    with database.write() as session:
        until = procedures_desk.looked_at_again(session, AN, BIRTH, None, clock())
    assert f"{until:%Y-%m-%d}" == "2027-05-23"
    desk.refresh()
    assert "Đối chiếu ngày 24/11/2026" in desk.facts(BIRTH).source and desk.index is index
    with database.read() as session:
        entry = session.scalars(select(AuditEntry)).one()
        assert (entry.action, entry.about, entry.detail["reviewed"]) == ("published", f"thủ tục {BIRTH}", True)
    for code, day, said in ((SWIFTS, None, "đã biên tập"), (BIRTH, TUESDAY_TEN.date(), "sau hôm nay")):
        with pytest.raises(Refusal, match=said), database.write() as session:
            procedures_desk.looked_at_again(session, AN, code, day, clock())


# shipped files and the studio

def start_up(database, clock, **changed):
    with database.write() as session:
        documents = shipped()
        documents[BIRTH] = {**documents[BIRTH], **changed}
        replace(session, "curated", documents, clock())


def test_a_start_leaves_what_the_studio_published(database, desk, clock):
    approve(database, desk, clock, edited(database, clock, fee=FEE))
    with database.write() as session:
        draft = procedure_drafts.begin_new(session, AN, "NB.0001", "Xin tưới nước", clock())
        procedures_desk.put_live(session, draft.key, {**shipped()[DEATH], "code": "NB.0001", "also_codes": []}, "an", "binh", "", clock())
    start_up(database, clock, duration="9 ngày")
    desk.refresh()
    assert desk.facts(BIRTH).fee == FEE and desk.facts("NB.0001") is not None


@pytest.mark.parametrize(("checked", "newer"), [("2026-11-23", False), ("2026-11-24", False), ("2026-11-25", True)])
def test_a_file_checked_after_the_day_of_publishing_is_newer(database, desk, clock, checked, newer):
    approve(database, desk, clock, edited(database, clock, fee=FEE))
    clock.forward(days=3)
    start_up(database, clock, checked_on=checked, fee="Theo tệp mới.")
    desk.refresh()
    assert desk.facts(BIRTH).fee == ("Theo tệp mới." if newer else FEE)
    with database.read() as session:
        assert (session.get_one(ProcedureRow, KEY).studio_at is None) == newer
        assert [v.source for v in session.scalars(select(ProcedureVersion).order_by(ProcedureVersion.id))] == ["files", "studio", *["files"] * newer]
