"""Sentences of people who have just lost something, and of people who have not; our own, one a line."""

EMERGENCIES = """
tôi mới chuyển 12 triệu cho một người tự xưng là cán bộ thuế, giờ gọi lại thì thuê bao
vừa đọc mã otp cho bọn nó xong thì tài khoản còn 0 đồng
mẹ cháu lỡ bấm vào đường link trợ cấp, giờ mất hết tiền trong ngân hàng rồi
toi bi lua mat 8 trieu roi phai lam sao
e bị lừa ck 3tr r, shop block e r
chồng tôi đang bị bọn giả công an ép chuyển tiền, đã chuyển 50 triệu rồi
lỡ đưa mật khẩu vneid cho người lạ rồi phải làm gì
zalo cua me em bi hack, no dang di muon tien ca ho
facebook tôi bị người ta chiếm rồi, nó nhắn tin vay tiền bạn bè tôi
tài khoản ngân hàng tự nhiên bị trừ 20 triệu, tôi có làm gì đâu
nó bảo chuyển, tôi chuyển rồi, mất 5 triệu
ho goi bao la dien luc bat cai app, toi cai xong thi tien bi tru het
cứu với, bọn lừa đảo rút sạch tiền của bố tôi rồi
tui bị tụi nó gạt lấy hết tiền bán lúa rồi bà con ơi
bị gạt mất tiền rồi làm răng chừ
con gái bác gửi tiền cọc thuê trọ xong người ta chặn số luôn
lo nhap so the voi ma otp vao trang gia roi
em trót gửi ảnh căn cước và mã xác thực cho nó rồi ạ
trời ơi tui lỡ đọc cái mã sáu số cho thằng giả nhân viên ngân hàng rồi
máy tôi bị điều khiển từ xa, nó đang chuyển tiền đi
bị lừa đảo qua mạng mất 200 triệu giờ báo ai
hôm qua tôi nghe lời một người trên telegram nạp tiền làm nhiệm vụ, nạp 45 triệu, giờ rút không được, nó bảo phải nạp thêm mới cho rút
vợ em bị dụ đầu tư tiền ảo, mất gần tỷ bạc rồi
sáng nay bố tôi ra ngân hàng chuyển cho bọn giả danh viện kiểm sát 300 triệu rồi
nó lấy được otp của tôi rồi
lộ mật khẩu ngân hàng rồi, cần khóa tài khoản gấp
giup em voi e vua bi lua 2 trieu mua dien thoai tren mang
vừa quét mã qr của người lạ xong tài khoản bay mất 10 triệu
nick zalo bị đánh cắp, giờ tôi không đăng nhập được
sim điện thoại bị cướp, ngân hàng báo có giao dịch lạ
bọn nó gọi video quay mặt tôi xong giờ tài khoản bị rút hết
bac lo chuyen tien cho no roi chau oi cuu bac voi
tiền trong tài khoản biến mất hết rồi
ai cứu em với em bị lừa hết tiền học phí rồi
bị tống tiền bằng clip nóng, em đã chuyển 10 triệu mà nó vẫn dọa
mạ tui vừa bị lừa mất sạch tiền dưỡng già
tao vừa bị scam 500k trên shopee
e nạp thẻ cào cho nó r mới bt bị lừa
lam sao lay lai tien da chuyen cho ke lua dao
bà ngoại tôi 75 tuổi vừa nghe điện thoại rồi đi rút sổ tiết kiệm đưa cho người lạ
tôi đã cung cấp số tài khoản, mật khẩu cho trang web giả dịch vụ công
tài khoản facebook của con tôi bị hack mất rồi
đã chuyển khoản đặt cọc vé máy bay 4 triệu, giờ trang đó biến mất
chuyển nhầm cho tài khoản lừa đảo rồi, ngân hàng có chặn được không
nạp 30 triệu vào sàn forex giờ sàn sập
hồi chiều có đứa gọi bảo con tôi cấp cứu, tôi hoảng quá chuyển luôn 20 triệu, giờ mới biết là lừa
lỡ tin lời nó rồi, mất trắng
thẻ của tôi bị quẹt 3 lần ở đâu ấy, tôi không biết gì
có người dùng căn cước của tôi vay tiền app, giờ họ đòi nợ tôi
ck cho nó 5 củ r giờ k liên lạc đc
lỡ dại cài phần mềm điều khiển máy theo lời họ, giờ màn hình đen thui
mk facebook bi doi roi, no dang nhan tin lua ban be em
tôi bị mất tiền trong tài khoản ngân hàng
bố em bị lừa rồi ạ
lừa mất của tôi 15 triệu rồi
đang chuyển tiền dở thì phát hiện là lừa, đã đi 10 triệu
mất 70 triệu vì tin công an giả
e đưa otp cho ngta r huhu
chúng lấy hết tiền trong thẻ của tôi
hu hu nó rút sạch tiền của em rồi
luong huu cua toi bi chung no rut het roi
tôi gửi tiền cho người yêu quen qua mạng 60 triệu, giờ nó khóa máy
vừa bị mất 5tr vì bấm link trúng thưởng
shipper giả gọi, em chuyển 350k rồi mới biết bị lừa
tài khoản vneid bị người khác đăng nhập
người ta lấy mất tài khoản telegram của tôi rồi
khoá thẻ giúp tôi với tôi vừa nhập thông tin thẻ vào web lạ
em lỡ quét khuôn mặt cho chúng rồi giờ nó vay tiền tên em
nhà tôi vừa mất 100 triệu cho bọn xuất khẩu lao động lừa đảo
chau oi ba bi nguoi ta lua lay het tien roi
tôi nộp phí 3 lần cho công ty vay online mà không giải ngân, giờ nó chặn
vừa lộ mã pin cho kẻ gian
giờ phải làm gì khi lỡ chuyển tiền cho kẻ lừa đảo
bị lừa tiền rồi
bi lua dao mat tien phai bao cho nao gap
trúng bẫy rồi, chuyển hết 80 triệu cho nó
anh tôi bị bắt cóc online, gia đình đã chuyển 200 triệu
máy báo có đăng nhập lạ vào tài khoản ngân hàng, tiền đang bị chuyển đi
tui nghe lời tụi nó mở camera với bật chia sẻ màn hình rồi, giờ tiền mất tiêu
no vua lay het 12tr trong the atm cua em
tôi vừa ấn vào tin nhắn của ngân hàng giả và điền hết thông tin
đã lỡ chuyển 2 lần cho bọn giả danh toà án
cho em hỏi em bị lừa chuyển tiền thì ngân hàng có hoàn lại không
má em vô tình đọc mã xác nhận cho người ta rồi
bị hack tài khoản ngân hàng rồi giúp với
mat het tien roi troi oi no lua toi
kẻ gian đang dùng zalo của tôi lừa người thân
hồi nãy lỡ cho nó cái otp
vừa chuyển xong thì nó xoá zalo, bị lừa rồi
iphone bị chiếm quyền, không tắt được, tiền đang bị trừ
ông nội cháu bị lừa mua thuốc mất 15 triệu
sổ tiết kiệm online của mẹ tôi bị tất toán mất
vừa chuyển khoản cho một số lạ theo lời người tự xưng shipper, chuyển xong họ chặn
dang bi bon no ep chuyen tien nua, lan truoc da chuyen 40tr
em bị dính lừa đảo việc nhẹ lương cao mất 18 triệu
làm mất 50tr vì đầu tư chứng khoán quốc tế lừa đảo
nó cầm tiền của tôi chạy mất rồi
trót nạp tiền vào web đánh bạc giả giờ không rút được
toi vua mat tien vao tay bon lua dao
bj lua mat 2tr r sos
mik bị lừa ck 1tr5 mua vé concert
lỡ đọc otp rồi
lo doc otp mat roi
lo gui tien roi no chan
cho nó mã rồi mới thấy ngu
nạn nhân là mẹ tôi, bị bọn giả điện lực lấy mất 25 triệu
dt cua toi tu nhien bam lung tung, app ngan hang tu mo
em chuyển cọc mua con iphone trên facebook xong bị chặn luôn
nhỡ tay chuyển 3 triệu cho trang bán hàng ma rồi
bác gái nhà tôi nghe điện thoại giả giọng con trai, chuyển mất 40 triệu
có đứa nào vào được zalo của tôi rồi, nó đổi mật khẩu luôn
mới cho tụi nó mã otp, giờ tính sao
tui bị ăn cắp tiền trong momo
thang em trai em nap game bi lua mat acc voi 2 trieu
chuyển lộn cho thằng lừa đảo 7 triệu rồi
hôm bữa vay app bị trừ mất 9 triệu phí mà không thấy giải ngân
bố chồng em đưa hết sổ tiết kiệm cho người ta rồi giờ không tìm thấy nó đâu
tôi vừa phát hiện thẻ visa bị trừ 3 lần không phải do tôi
no lua em chuyen 4 lan tong 60tr
dính virus, máy tự gửi tin nhắn vay tiền cho bạn bè
mẹ đưa thẻ ngân hàng cho thằng shipper giả giữ mất rồi
telegram bị văng ra ngoài, người khác đang dùng
bị lấy cắp thông tin thẻ tín dụng, họ mua hàng 20 triệu
con bé nhà tôi 13 tuổi chuyển hết tiền lì xì cho đứa nào trên tiktok
gửi ảnh nhạy cảm rồi bị nó tống tiền, em đưa 2 triệu rồi nó đòi nữa
làm mất 2 cây vàng vì nghe thầy bói lừa
tôi đã bấm vào link và giờ không mở được app ngân hàng nữa
tai khoan agribank cua ba noi bi rut sach
em ck nhầm qua stk lừa đảo mất 1tr2
bị giả mạo công an lừa 300tr
chúng lừa bố em ký giấy rồi lấy hết tiền
lỡ cho mượn điện thoại nó chuyển hết tiền
ối làng nước ơi nó lấy hết của tôi rồi
giờ gọi số nào để khóa tài khoản, tiền đang mất dần
e vừa bị dụ mua thẻ cào 5 triệu
đọc cho nó sáu số rồi
nó biết pass facebook của em rồi
bac bi lua 5 cay vang
cho hỏi vừa mới ck nhầm vào tài khoản bọn lừa thì phong toả sao
chồng em chơi sàn tiền ảo thua hết, sàn nó khóa tài khoản không cho rút
tôi đóng phí hải quan nhận quà nước ngoài 3 lần rồi giờ người ta biến mất
vợ tôi bị người yêu online lừa 200 triệu
mã otp tôi vừa đọc cho họ xong
ngân hàng vừa trừ tôi 50 triệu mà tôi không giao dịch
hacker chiếm fanpage của xã em rồi
chủ shop ôm tiền cọc của em rồi lặn
lừa đảo lấy mất 10 triệu của con tôi
bi hack zalo r lm s
bọn chúng vừa rút tiền của bà tôi xong
má tui đi gửi tiền cho bọn nó ngoài bưu điện rồi
có ai bị như em không, nộp tiền cọc xklđ 30 triệu rồi công ty bỏ trốn
lỡ đăng nhập vneid trên trang nó gửi
đã quét khuôn mặt trên app giả
bị kẻ xấu lợi dụng căn cước đăng ký công ty và vay nợ
tôi lỡ cho họ xem màn hình lúc nhập mật khẩu
bị lừa 2tr tiền vé máy bay tết
chị gái tôi vừa bị một thằng xưng là bác sĩ viện tim lừa chuyển 15 triệu
cả nhà ơi app vay cướp mất tài khoản của em rồi
tôi mua máy lọc nước trên mạng, trả tiền xong thì trang ấy xoá mất
mẹ em đọc hết mã cho nó, bây giờ ngân hàng gọi báo tài khoản có giao dịch 60 triệu
đêm qua tiền trong momo của cháu tự nhiên bay sạch
cô ơi con nạp 2 triệu vô game rồi nó không cho con đồ, nó chặn con luôn
bố tôi tin lời thầy cúng trên mạng gửi hết 30 triệu
chúng nó đang giữ tài khoản của tôi đòi tiền chuộc
em bấm nhầm link rồi bị mất facebook
em bị nó lừa gửi ảnh căn cước rồi mang đi vay nặng lãi
ba em bị mất 4 tỷ vì bọn giả danh công an bắt đi ngân hàng
hôm qua ông xã tôi cài ứng dụng thuế giả, sáng nay mất sạch tiền lương
tụi em gom 12 triệu đặt phòng homestay, chủ nhà ôm tiền trốn luôn
vua ck 900k mua ao thi shop bay acc
no xai sim cua toi de nhan otp roi rut tien
bác tôi bị dụ bán đất lấy tiền đầu tư rồi mất trắng
nãy giờ nó rút 3 lần rồi làm sao chặn
nhà em bị kẻ gian lừa lấy 20 triệu tiền hàng
lỡ cung cấp hết thông tin cá nhân với otp rồi
thẻ tín dụng của vợ tôi bị ai đó tiêu hết 30 triệu
con tôi bị lừa bán sang campuchia, họ đòi chuộc 100 triệu
tui đưa nhẫn vàng cho người lạ bỏ bùa mê rồi
bị lừa mua đất ma mất 500 triệu
chuyển tiền nuôi gà online rồi sập web
đã quét mã qr nó gửi, tiền bị trừ 8 triệu
vừa làm theo hướng dẫn của tổng đài giả xong thấy mất tiền
ngu quá tin nó chuyển hết rồi
mẹ tôi 80 tuổi bị người ta gạt bán thuốc lấy 6 triệu
tài khoản ngân hàng báo đăng nhập ở máy khác, tôi sợ bị rút hết
khách đưa biên lai giả rồi lấy hàng đi, tiền không về
mới chuyển cọc 4tr cho chủ nhà giả xong, họ tắt điện thoại
chú tôi vừa đưa 3 chỉ vàng cho bà tự xưng thầy bói
em dính lừa 2tr
má con bị người ta dụ góp vốn 100tr giờ tắt máy hết
giám đốc giả nhắn zalo, em đã chuyển xong 300 triệu
zalo của con tự nhiên gửi tin vay tiền cho cả lớp
máy tính cơ quan bị hacker mã hóa hết
cháu vừa đọc ba số sau thẻ cho cô tự xưng bên visa
người ta đòi nợ 20 triệu mà cháu không hề vay
năm phút sau mất 10 triệu
con bé bị lừa sang nhóm telegram nạp 30 triệu
vợ tôi bị lừa mất trắng 200 triệu
lương hưu của bà bị trừ sạch trong thẻ
"""

NOT_EMERGENCIES = """
dịch thuật một trang người ta lấy bao nhiêu tiền
giấy chứng nhận xong rồi ghi có giá trị do hạn mấy năm
bị máy tuốt lúa nó kẹp mất ngón tay có được trợ cấp không
tôi bị mất sổ đỏ thì làm lại ở đâu
bị mất căn cước phải làm gì
mất giấy khai sinh xin cấp lại
đã nộp lệ phí rồi mà chưa thấy kết quả
chuyển khoản lệ phí được không
hộ khẩu chuyển rồi có cần đổi căn cước không
con tôi bị ngã gãy tay có được bảo hiểm không
con tôi bị ngã
có nên đọc mã otp cho nhân viên ngân hàng không
người ta bảo chuyển tiền trước, có phải lừa không
công an gọi yêu cầu chuyển tiền, tôi chưa chuyển
tôi muốn tố cáo số điện thoại lừa đảo
học cách phòng tránh lừa đảo
làm sao để không bị lừa
khóa học chống lừa đảo có mấy bài
mất bao nhiêu tiền để làm hộ chiếu
làm lại bằng lái mất mấy triệu
chuyển khẩu mất tiền không
bố tôi vừa mất, làm giấy báo tử ở đâu
ông tôi mất rồi, tiền tuất thì nhận thế nào
tôi vừa chuyển tiền nộp thuế đất, bao giờ có biên lai
đã chuyển 200 nghìn lệ phí cấp hộ chiếu rồi, chờ bao lâu
chưa chuyển tiền cho nó, có phải lừa đảo không
nó bảo đọc mã otp nhưng tôi không đọc
tin nhắn báo trúng thưởng, bấm vào có bị mất tiền không
mất ví có giấy tờ xe và căn cước
bị mất thẻ bảo hiểm y tế
thẻ atm bị mất thì báo ai
mất điện thoại có đăng ký vneid thì làm sao
quên mật khẩu vneid
không nhận được mã otp khi đăng nhập dịch vụ công
nhập mã otp ở đâu
tôi nhập sai mật khẩu mấy lần rồi
đã nhập mã xác nhận rồi mà vẫn không đăng nhập được cổng dịch vụ công
điền thông tin thẻ vào cổng dịch vụ công để nộp phí có an toàn không
tôi nộp tiền điện qua app rồi
vợ chồng tôi mua nhà đã chuyển tiền cọc rồi, giờ sang tên thế nào
đã chuyển nhượng đất xong, nộp hồ sơ sang tên
chuyển tiền trợ cấp vào tài khoản ngân hàng được không
lương hưu tháng này chưa thấy chuyển khoản
tiền trợ cấp của mẹ tôi bị cắt
tài khoản định danh bị khóa thì mở thế nào
tài khoản vneid bị khoá vì nhập sai mật khẩu
báo cáo trang facebook giả danh công an
có đứa giả danh cán bộ đi thu tiền, tôi muốn báo
con tôi lấy chồng rồi chuyển khẩu thế nào
mua xe cũ đã trả tiền xong, sang tên xe cần gì
bán đất đã nhận cọc rồi giờ muốn hủy
nhà tôi bị cháy mất hết giấy tờ
mất hết giấy tờ do bão lũ
bị phạt nguội 2 triệu nộp ở đâu
bị phạt tiền vì nộp muộn hồ sơ
xe bị giữ, đã nộp phạt 5 triệu rồi bao giờ lấy xe
cảnh giác với cuộc gọi giả danh công an
bài học về mã otp
bạn tôi nhắn facebook mượn tiền, có phải bị hack không
mẹ tôi nghi bị lừa nhưng chưa gửi đồng nào
nó đòi mã otp, tôi không cho
may quá tôi chưa mất đồng nào
tôi suýt bị lừa, muốn báo cho mọi người
suýt nữa chuyển tiền cho bọn giả công an, muốn báo số này
web này có lừa đảo không
có người gọi báo tài khoản của tôi bị hack, có thật không
tin nhắn nói tài khoản ngân hàng của tôi sẽ bị khóa
sms báo thẻ bị trừ 2 triệu, bấm link để hủy, có thật không
đăng ký kết hôn mất bao nhiêu tiền
tôi muốn đổi mật khẩu
cho tôi hỏi chuyển tiền phí qua tài khoản nào
nộp lệ phí trên cổng dịch vụ công bị trừ tiền hai lần thì làm sao
đã chuyển hồ sơ lên tỉnh rồi
tôi chuyển trường cho con rồi
gửi tiền tiết kiệm ở đâu an toàn
vay tiền ngân hàng chính sách
bị mất bằng lái xe máy
con tôi bị lạc, báo ai
điện thoại hỏng, mất sim, đăng nhập vneid thế nào
đổi số điện thoại nhận otp
tôi bị tai nạn mất sức lao động
bị mất trộm xe máy báo công an ở đâu
mất nhiều tiền quá, có được giảm không
làm giấy tờ hết 2 triệu rồi mà chưa xong
đã nộp 5 triệu tiền sử dụng đất rồi
cô ấy chuyển khẩu về nhà chồng rồi
thằng em tôi bị công an bắt
cho mượn sổ đỏ vay tiền có sao không
kể tôi nghe mấy chiêu lừa chuyển tiền
tại sao không nên đọc mã otp
otp là gì
đọc mã otp cho công an là đúng hay sai
nhắc tôi chuyển tiền học cho con lúc 8 giờ
tối mai nhắc tôi chuyển khoản tiền điện
bot có lưu mật khẩu của tôi không
xóa số tài khoản tôi vừa gửi
tôi vừa gửi số căn cước cho bot, có sao không
vừa nộp tiền xong, biên lai ở đâu
làm sổ đỏ mất 20 triệu có đúng không
sang tên mất 5 triệu à
xây nhà hết 500 triệu có phải xin phép không
tôi trồng lúa bị mất mùa có được hỗ trợ tiền không
cháy nhà, lửa thiêu mất hết tiền bạc giấy tờ
lựa chọn b
mẹ mất để lại tiền trong ngân hàng, rút thế nào
bố mất rồi, rút tiền tiết kiệm của bố cần giấy gì
rút bảo hiểm một lần hết bao nhiêu tiền
rút hết tiền bảo hiểm xã hội một lần được không
gửi tiền về cho con qua bưu điện
ban nãy nộp lệ phí quét mã qr rồi mà hệ thống báo chưa nộp
đã thanh toán 300 nghìn tiền phạt giờ vẫn báo chưa đóng
tôi cài vneid rồi mà không đăng nhập được
vừa cài app dịch vụ công xong, làm gì tiếp
cán bộ bảo tôi nộp 50 nghìn rồi hẹn thứ sáu
họ đòi phí 500k mới làm hồ sơ, có đúng quy định không
cho em hỏi lừa đảo là gì
cuộc gọi lừa đảo thường nói gì
nó gọi dọa bắt, tôi cúp máy rồi
tôi không chuyển tiền nên không mất gì
em không bị lừa đâu, chỉ hỏi thôi
bọn lừa đảo hay giả danh ai
giả sử bị lừa thì báo ai
tuổi già mất sức, tiền ít
bị lừa là gì
ông ấy mất năm ngoái, chuyển tên sổ đỏ cho tôi rồi
tôi chuyển tiền mua đất cho anh trai từ năm ngoái, giờ làm sổ đỏ thế nào
thẻ căn cước cũ nộp lại rồi bao giờ có thẻ mới
mất 2 triệu tiền công chứng có đắt không
vừa nộp hồ sơ xong, mã hồ sơ ở đâu
lỡ điền sai ngày sinh trong tờ khai rồi
lỡ nộp nhầm hồ sơ rồi thì rút lại thế nào
lỡ hẹn lấy hộ chiếu rồi có sao không
đã gửi hồ sơ cho cán bộ rồi mà họ không trả lời
tôi gửi tiền ở quỹ tín dụng xã có an toàn không
bị trừ điểm bằng lái thì xem ở đâu
con dâu tôi chuyển khẩu về nhà tôi rồi
vừa chuyển nhà xong thì khai báo ở đâu
đã đóng bảo hiểm y tế rồi mà thẻ chưa có
nộp tiền bảo hiểm cho con qua zalo được không
cho tôi xin số tài khoản nộp lệ phí
làm mất biên lai nộp tiền thì sao
bị mất hết giấy tờ tùy thân khi đi xe khách
chồng tôi mất có được nhận tiền tử tuất không
nhà nước lấy đất rồi mà chưa trả tiền đền bù
bị thu hồi đất, tiền đền bù nhận ở đâu
tôi trả hết nợ ngân hàng rồi, xóa thế chấp sổ đỏ thế nào
đã trả tiền mua xe nhưng chủ cũ không chịu sang tên
hàng xóm lấn đất nhà tôi, lấy mất 2 mét
bị chủ đất lừa bán đất không sổ
quên pass vneid
ai đó đăng ký tạm trú bằng tên tôi
sim chính chủ bị khóa thì mở ở đâu
học xong bài lừa đảo rồi, học tiếp bài nào
trong bài có câu lỡ đọc mã otp thì gọi ai trước
kẻ lừa đảo hay bảo giữ bí mật phải không
nhắc tôi 8 giờ tối đọc bài otp
tôi muốn báo cáo trang facebook giả mạo ủy ban xã
hôm qua có người gọi xưng công an, tôi không làm theo
có cuộc gọi đòi tiền chuộc con, tôi gọi cho con thì con vẫn ở trường
làm hộ chiếu hết 200 nghìn đúng không
chuyển 50 nghìn tiền phí qua bưu điện cho ai
tiền điện tháng này bị tính sai
lương tháng này công ty chưa chuyển
tôi mới chuyển công tác, chuyển bảo hiểm thế nào
mới mất cccd hôm qua
hôm qua mới mất xe máy
bị công an giữ bằng lái
bị mất sóng wifi
máy tôi bị đơ khi làm bài
điện thoại bị khóa màn hình
tự nhiên mất điện cả xóm, báo ai
vừa mất nước vừa mất điện
cô giáo nhắn nộp tiền quỹ lớp, tôi nộp rồi
tài khoản ngân hàng bị khóa do chưa cập nhật sinh trắc học
ngân hàng bắt đến quét khuôn mặt, tôi đi rồi
tôi vừa quét mặt ở công an xã để làm căn cước
đã cung cấp số điện thoại cho cán bộ rồi
cho con mượn tiền mua nhà có phải làm giấy không
ông bà cho đất con cháu thì mất thuế không
tiền tuất của ba tui bị cắt rồi, hỏi ai
tiền trợ cấp chuyển vào tài khoản tháng này chưa thấy
rút tiền bảo hiểm thất nghiệp rồi có được đóng tiếp không
đăng nhập vneid trên máy người khác được không
có người lạ đến nhà xin xem sổ hộ khẩu, tôi chưa đưa
cảm ơn bot, tôi không bị lừa nữa rồi
chị tôi chuyển khẩu sang nhà chồng mất bao lâu
bố tôi cài vneid bị lỗi không mở được
có thằng gọi tự xưng bác sĩ bảo chuyển tiền viện phí, tôi thấy nghi
mẹ em chưa đọc mã cho nó
nộp 60 triệu tiền đất ở kho bạc hay ngân hàng
mua nhà trả tiền xong chủ cũ không đưa sổ đỏ
con tôi bị bỏng, cần giấy gì để hưởng bảo hiểm
bị mất việc, lấy trợ cấp thất nghiệp thế nào
bị mất trí nhớ có phải làm giám hộ không
hôm qua ông xã tôi nộp hồ sơ thuế rồi
đặt phòng khách sạn có phải khai báo tạm trú không
bán đất lấy tiền chữa bệnh thì thuế bao nhiêu
rút tiền đặt cọc đấu giá đất ra sao
nhà em bị mất nóc vì bão, xin hỗ trợ ở đâu
lấy lại mật khẩu tài khoản dịch vụ công
thẻ căn cước bị gãy
con tôi đi lao động nước ngoài đóng phí 100 triệu cho công ty có đúng quy định không
bị ghi sai tên trong giấy khai sinh
tôi đã trả phí rồi, phiếu hẹn ở đâu
ngân hàng giữ sổ đỏ của tôi, tôi muốn chuyển mục đích đất
quét mã qr trên căn cước để làm gì
vừa làm theo hướng dẫn của cán bộ xong, chờ kết quả
tin nhắn này nó đòi tiền chuộc, tôi không tin
mẹ tôi 80 tuổi được trợ cấp bao nhiêu tiền
lỡ tay xóa app vneid rồi cài lại có mất dữ liệu không
bị trùng số căn cước
tôi làm rơi ví mất 2 triệu với giấy tờ
học bài lừa đảo xong được gì
công ty chậm đóng bảo hiểm, lấy sổ ra sao
mất quyền nuôi con thì chuyển hộ khẩu cho con được không
tôi vừa gửi tiền cho mẹ ở quê, mẹ vẫn ở nhà một mình
tôi đã nộp hồ sơ 2 lần rồi mà gọi không được ai
gửi mã hồ sơ cho cô bảo là cán bộ xã
họ đòi nợ mà tôi không hề nhận được thông báo thuế
zalo tự động gửi thông báo thì tắt sao
khoản trợ cấp tháng này bị trừ 200 nghìn
tôi sợ người ta lấy mất đất
bị gạt khỏi danh sách cận nghèo thì kêu ai
con bò con lợn nhà tôi khai mã ở đâu
em tôi bị lừa sang Campuchia mất hộ chiếu, giờ được cứu về rồi
tòa xử nó trả tôi 50 triệu mà nó không trả
mã otp đưa vào ô nào
"""
