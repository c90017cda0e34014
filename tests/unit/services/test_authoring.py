"""A course from the first word to the live version: drafts, four eyes, days to come, rollback, and what files may not overwrite."""

import json
from copy import deepcopy
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.errors import Refusal
from bot.services import authoring, learn, webhooks
from bot.services.versions import course_of, live
from bot.store.tables import AuditEntry, CourseVersion, Draft, DraftStep
from tests import small_course
from tests.factories import TUESDAY_TEN, talk_of
from tests.studio import published, somebody, sound, written

NEXT_WEEK = TUESDAY_TEN + timedelta(days=7)


@pytest.fixture
def session(database):
    with database.write() as session:
        yield session


@pytest.fixture
def author(session):
    return somebody(session, "lan")


@pytest.fixture
def approver(session):
    return somebody(session, "minh", "approver")


def places(session, draft) -> dict:
    return {p.loc: p.message for p in authoring.findings(session, draft, TUESDAY_TEN.date()) if p.blocking}


def titles(session) -> list[str]:
    return [course.title for _, course in live(session)]


def actions(session) -> list[str]:
    return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


class TestDrafts:
    def test_a_new_course_gets_a_name_for_addresses_that_is_its_own(self, session, author):
        slugs = [authoring.create(session, author, "Đổi thẻ Căn cước!", "citizens", TUESDAY_TEN).slug for _ in range(3)]
        assert slugs == ["doi-the-can-cuoc", "doi-the-can-cuoc-2", "doi-the-can-cuoc-3"]

    @pytest.mark.parametrize(("title", "group", "field"), [("  ", "citizens", "title"), ("x" * 121, "staff", "title"), ("Nuôi cá", "ai", "group")])
    def test_what_is_no_title_or_group_is_refused(self, session, author, title, group, field):
        with pytest.raises(Refusal) as refused:
            authoring.create(session, author, title, group, TUESDAY_TEN)
        assert refused.value.field == field

    def test_an_empty_course_may_be_saved_and_says_everything_that_is_missing(self, session, author):
        draft = authoring.create(session, author, "Nuôi cá", "citizens", TUESDAY_TEN)
        found = places(session, draft)
        assert {("audience",), ("summary",), ("lessons", 0, "title"), ("lessons", 0, "goal"), ("lessons", 0, "remember"),
                ("lessons", 0, "steps")} <= set(found)

    def test_a_draft_of_a_live_course_holds_its_document_and_is_the_same_for_the_next_person(self, session, author, approver):
        version = published(session, author, approver)
        draft = authoring.begin(session, author, version.slug, TUESDAY_TEN)
        assert (draft.document, draft.base_version_id) == (version.document, version.id)
        assert authoring.begin(session, approver, version.slug, TUESDAY_TEN).id == draft.id
        with pytest.raises(Refusal):
            authoring.begin(session, author, "khong-co", TUESDAY_TEN)

    def test_saving_counts_revisions_and_the_same_again_changes_nothing(self, session, author):
        draft = written(session, author)
        before = draft.revision
        document = deepcopy(draft.document)
        assert authoring.save(session, author, draft.id, before, document, TUESDAY_TEN).revision == before
        document["summary"] = "Khác"
        assert authoring.save(session, author, draft.id, before, document, TUESDAY_TEN).revision == before + 1

    def test_who_saves_over_somebody_elses_change_is_told_and_nothing_is_lost(self, session, author, approver):
        draft = written(session, author)
        seen = draft.revision
        theirs, mine = {**draft.document, "summary": "Của Minh"}, {**draft.document, "summary": "Của Lan"}
        authoring.save(session, approver, draft.id, seen, theirs, TUESDAY_TEN)
        with pytest.raises(authoring.Conflict) as conflict:
            authoring.save(session, author, draft.id, seen, mine, TUESDAY_TEN)
        assert conflict.value.revision == seen + 1 and draft.document["summary"] == "Của Minh"

    def test_undo_and_redo_walk_the_steps_and_a_new_change_ends_the_way_forward(self, session, author):
        draft = written(session, author)
        for text in ("một", "hai", "ba"):
            authoring.save(session, author, draft.id, draft.revision, {**draft.document, "summary": text}, TUESDAY_TEN)
        for expected in ("hai", "một"):
            assert authoring.undo(session, author, draft.id, draft.revision, TUESDAY_TEN).document["summary"] == expected
        assert authoring.redo(session, author, draft.id, draft.revision, TUESDAY_TEN).document["summary"] == "hai"
        assert authoring.can_undo_redo(session, draft) == (True, True)
        authoring.save(session, author, draft.id, draft.revision, {**draft.document, "summary": "bốn"}, TUESDAY_TEN)
        assert authoring.can_undo_redo(session, draft) == (True, False)
        with pytest.raises(Refusal):
            authoring.redo(session, author, draft.id, draft.revision, TUESDAY_TEN)
        while authoring.can_undo_redo(session, draft)[0]:
            authoring.undo(session, author, draft.id, draft.revision, TUESDAY_TEN)
        assert draft.document["lessons"][0]["steps"] == []  # as it was created
        with pytest.raises(Refusal):
            authoring.undo(session, author, draft.id, draft.revision, TUESDAY_TEN)

    def test_the_newest_two_hundred_steps_are_kept(self, session, author):
        draft = authoring.create(session, author, "Nuôi cá", "citizens", TUESDAY_TEN)
        for number in range(230):
            authoring.save(session, author, draft.id, draft.revision, {**draft.document, "rank": number}, TUESDAY_TEN)
        assert session.scalar(select(func.count()).select_from(DraftStep)) == 200
        assert draft.document["rank"] == 229

    @pytest.mark.parametrize("document", [{"title": "\ud800"}, {"title": float("nan")}, ["khoá"], {"title": "x" * 1_000_001}, {"title": object()}])
    def test_what_cannot_be_kept_is_refused(self, session, author, document):
        draft = authoring.create(session, author, "Nuôi cá", "citizens", TUESDAY_TEN)
        with pytest.raises(Refusal):
            authoring.save(session, author, draft.id, draft.revision, document, TUESDAY_TEN)

    def test_text_becomes_nfc_and_loses_control_characters_and_the_slug_stays(self, session, author):
        draft = authoring.create(session, author, "Nuôi cá", "citizens", TUESDAY_TEN)
        authoring.save(session, author, draft.id, draft.revision, {**draft.document, "summary": "ca\u0301\x00\n", "slug": "khac", "format": 9}, TUESDAY_TEN)
        session.flush()
        session.expire_all()
        assert (draft.document["summary"], draft.document["slug"], draft.document["format"]) == ("cá\n", "nuoi-ca", 2)

    def test_a_draft_that_is_thrown_away_leaves_the_live_course(self, session, author, approver):
        version = published(session, author, approver)
        draft = authoring.begin(session, author, version.slug, TUESDAY_TEN)
        authoring.discard(session, author, draft.id)
        assert authoring.open_draft(session, version.slug) is None and titles(session) == ["Nuôi cá mùa lạnh"]
        with pytest.raises(Refusal):
            authoring.save(session, author, draft.id, 1, {}, TUESDAY_TEN)


class TestPublishing:
    def test_from_draft_to_live_course(self, session, author, approver):
        version = published(session, author, approver)
        assert (version.origin, version.number, version.author_id, version.approver_id, version.live) == ("studio", 1, author.id, approver.id, True)
        assert titles(session) == ["Nuôi cá mùa lạnh"] and authoring.open_drafts(session) == []
        assert session.scalar(select(func.count()).select_from(DraftStep)) == 0
        assert actions(session) == ["submitted", "published"]

    def test_receivers_of_events_hear_of_it(self, session, author, approver):
        webhooks.add_endpoint(session, webhooks.seal_of(b"key"), "Cổng", "https://cong.example", ["course"], True, TUESDAY_TEN)
        version = published(session, author, approver)
        ((kind, body),) = [(row.kind, json.loads(row.body)["data"]) for row in webhooks.newest(session)]
        assert (kind, body) == ("course", {"slug": version.slug, "title": "Nuôi cá mùa lạnh", "number": 1})

    def test_neither_author_nor_anybody_who_saved_may_publish_whatever_their_role(self, session, author, approver):
        boss, other = somebody(session, "sep", "administrator"), somebody(session, "hoa", "approver")
        draft = written(session, boss)
        authoring.save(session, approver, draft.id, draft.revision, {**draft.document, "summary": "Sửa một chữ."}, TUESDAY_TEN)
        authoring.submit(session, author, draft.id, "", TUESDAY_TEN)
        for one in (boss, approver):
            with pytest.raises(Refusal, match="người khác duyệt"):
                authoring.publish(session, one, draft.id, TUESDAY_TEN)
        assert authoring.publish(session, other, draft.id, TUESDAY_TEN).live

    def test_an_undone_change_counts_as_a_change(self, session, author, approver):
        draft = written(session, author)
        authoring.undo(session, approver, draft.id, draft.revision, TUESDAY_TEN)
        authoring.redo(session, author, draft.id, draft.revision, TUESDAY_TEN)
        authoring.submit(session, author, draft.id, "", TUESDAY_TEN)
        with pytest.raises(Refusal, match="người khác duyệt"):
            authoring.publish(session, approver, draft.id, TUESDAY_TEN)

    def test_after_a_publication_who_wrote_before_may_approve_the_next_change(self, session, author, approver):
        slug = published(session, author, approver).slug
        draft = authoring.begin(session, approver, slug, TUESDAY_TEN)
        authoring.save(session, approver, draft.id, draft.revision, {**draft.document, "summary": "Mới."}, TUESDAY_TEN)
        authoring.submit(session, approver, draft.id, "", TUESDAY_TEN)
        assert authoring.publish(session, author, draft.id, TUESDAY_TEN).number == 2

    def test_what_is_not_submitted_is_not_published(self, session, author, approver):
        draft = written(session, author)
        with pytest.raises(Refusal, match="chưa gửi duyệt"):
            authoring.publish(session, approver, draft.id, TUESDAY_TEN)

    def test_while_it_awaits_an_approver_nobody_edits_it(self, session, author, approver):
        draft = written(session, author)
        authoring.submit(session, author, draft.id, "", TUESDAY_TEN)
        for attempt in (lambda: authoring.save(session, author, draft.id, draft.revision, {}, TUESDAY_TEN),
                        lambda: authoring.undo(session, author, draft.id, draft.revision, TUESDAY_TEN),
                        lambda: authoring.discard(session, author, draft.id), lambda: authoring.submit(session, author, draft.id, "", TUESDAY_TEN)):
            with pytest.raises(Refusal):
                attempt()
        authoring.withdraw(session, author, draft.id, TUESDAY_TEN)
        assert authoring.save(session, author, draft.id, draft.revision, {**draft.document, "summary": "Lại."}, TUESDAY_TEN).state == "draft"

    def test_submitting_and_publishing_are_refused_with_the_places(self, session, author, approver):
        draft = written(session, author)
        good = deepcopy(draft.document)
        bad = deepcopy(good)
        bad["lessons"][0]["steps"][1]["question"]["options"][1]["feedback"] = ""
        authoring.save(session, author, draft.id, draft.revision, bad, TUESDAY_TEN)
        with pytest.raises(authoring.Blocked) as blocked:
            authoring.submit(session, author, draft.id, "", TUESDAY_TEN)
        (place,) = blocked.value.places
        assert place.loc == ("lessons", 0, "steps", 1, "question", "options", 1, "feedback")
        assert place.where == "Bài 1 › Câu hỏi 1 › Lựa chọn B › Lời giải thích" and place.message == "Lời giải thích còn trống; hãy viết vào."
        authoring.save(session, author, draft.id, draft.revision, good, TUESDAY_TEN)
        authoring.submit(session, author, draft.id, "", TUESDAY_TEN)
        late = TUESDAY_TEN + timedelta(days=300)  # past its review date meanwhile
        with pytest.raises(authoring.Blocked) as blocked:
            authoring.publish(session, approver, draft.id, late)
        assert [p.loc for p in blocked.value.places] == [("review_by",)]

    def test_a_refusal_goes_back_with_its_reason(self, session, author, approver):
        draft = written(session, author)
        authoring.submit(session, author, draft.id, "Xem giúp bài 2", TUESDAY_TEN)
        with pytest.raises(Refusal):
            authoring.refuse(session, approver, draft.id, "không", TUESDAY_TEN)
        authoring.refuse(session, approver, draft.id, "Câu hỏi 2 của bài 1 chưa rõ.", TUESDAY_TEN)
        assert (draft.state, draft.refused_why) == ("draft", "Câu hỏi 2 của bài 1 chưa rõ.")
        assert session.scalars(select(AuditEntry.reason).order_by(AuditEntry.id.desc())).first() == "Câu hỏi 2 của bài 1 chưa rõ."
        authoring.submit(session, author, draft.id, "", TUESDAY_TEN)
        assert draft.refused_why is None

    def test_nothing_new_is_not_published_and_an_old_content_is_its_old_version(self, session, author, approver):
        first = published(session, author, approver)

        def again(summary):
            draft = authoring.begin(session, author, first.slug, TUESDAY_TEN)
            authoring.save(session, author, draft.id, draft.revision, {**draft.document, "summary": summary}, TUESDAY_TEN)
            authoring.submit(session, author, draft.id, "", TUESDAY_TEN)
            return authoring.publish(session, approver, draft.id, TUESDAY_TEN)

        with pytest.raises(Refusal, match="giống hệt"):
            again(first.document["summary"])
        authoring.withdraw(session, author, authoring.open_draft(session, first.slug).id, TUESDAY_TEN)
        second = again("Mới hẳn.")
        assert (second.number, first.live) == (2, False)
        assert again(first.document["summary"]).id == first.id
        session.refresh(second)
        assert first.live and not second.live


class TestLater:
    def scheduled(self, session, author, approver, at=NEXT_WEEK):
        draft = written(session, author)
        authoring.submit(session, author, draft.id, "", TUESDAY_TEN)
        assert authoring.publish(session, approver, draft.id, TUESDAY_TEN, at) is None
        return draft

    def test_it_is_published_when_its_day_has_come_and_not_before_and_once(self, session, author, approver):
        self.scheduled(session, author, approver)
        assert authoring.publish_due(session, NEXT_WEEK - timedelta(seconds=1)) == 0 and titles(session) == []
        assert authoring.publish_due(session, NEXT_WEEK) == 1 and titles(session) == ["Nuôi cá mùa lạnh"]
        assert authoring.publish_due(session, NEXT_WEEK) == 0
        (version,) = authoring.history(session, "nuoi-ca-mua-lanh")
        assert (version.author, version.approver, version.effective_at) == ("Người lan", "Người minh", NEXT_WEEK)

    def test_a_day_that_is_past_means_now(self, session, author, approver):
        draft = written(session, author)
        authoring.submit(session, author, draft.id, "", TUESDAY_TEN)
        assert authoring.publish(session, approver, draft.id, TUESDAY_TEN, TUESDAY_TEN - timedelta(days=1)).live

    def test_it_may_be_called_off(self, session, author, approver):
        draft = self.scheduled(session, author, approver)
        authoring.withdraw(session, author, draft.id, TUESDAY_TEN)
        assert authoring.publish_due(session, NEXT_WEEK) == 0 and draft.effective_at is None

    def test_what_stands_against_it_by_then_sends_it_back(self, session, author, approver):
        draft = self.scheduled(session, author, approver, TUESDAY_TEN + timedelta(days=300))
        assert authoring.publish_due(session, TUESDAY_TEN + timedelta(days=300)) == 0
        assert draft.state == "draft" and "Hạn xem lại" in draft.refused_why and titles(session) == []


class TestRollback:
    def test_an_older_version_is_live_again_and_who_is_in_the_middle_finishes_the_other(self, session, author, approver):
        first = published(session, author, approver)
        draft = authoring.begin(session, author, first.slug, TUESDAY_TEN)
        document = deepcopy(draft.document)
        document["title"], document["lessons"][1]["title"] = "Nuôi cá mùa nóng", "Bài mới"
        authoring.save(session, author, draft.id, draft.revision, document, TUESDAY_TEN)
        authoring.submit(session, author, draft.id, "", TUESDAY_TEN)
        second = authoring.publish(session, approver, draft.id, TUESDAY_TEN)
        learner = talk_of(session, consent=("learning",)).learner_id
        enrolment, _, _ = learn.enrol(session, learner, first.slug, TUESDAY_TEN)
        small_course.answer(session, enrolment)

        authoring.rollback(session, approver, first.slug, first.id, "Bài 2 có chỗ sai.", TUESDAY_TEN)

        assert titles(session) == ["Nuôi cá mùa lạnh"]
        again, course, new = learn.enrol(session, learner, first.slug, TUESDAY_TEN)
        assert (again.id, again.version_id, course.title, new) == (enrolment.id, second.id, "Nuôi cá mùa nóng", False)
        small_course.finish(session, enrolment)
        assert enrolment.completed_at is not None and course_of(session, enrolment.version_id).lessons[1].title == "Bài mới"
        _, course, _ = learn.enrol(session, learner, first.slug, TUESDAY_TEN)
        assert course.title == "Nuôi cá mùa lạnh"
        assert [(v.number, v.live, v.learners) for v in authoring.history(session, first.slug)] == [(2, False, 1), (1, True, 1)]
        assert actions(session)[-1] == "rolled_back"

    def test_it_needs_a_reason_and_a_version_of_this_course_that_is_not_live(self, session, author, approver):
        version = published(session, author, approver)
        other = published(session, author, approver, title="Nuôi gà")
        for slug, ident, reason in ((version.slug, version.id, "Một lý do đủ dài."), (version.slug, other.id, "Một lý do đủ dài."),
                                    (version.slug, 999, "Một lý do đủ dài.")):
            with pytest.raises(Refusal):
                authoring.rollback(session, approver, slug, ident, reason, TUESDAY_TEN)
        session.get(CourseVersion, version.id).live = False
        with pytest.raises(Refusal) as refused:
            authoring.rollback(session, approver, version.slug, version.id, "vì", TUESDAY_TEN)
        assert refused.value.field == "reason"


class TestFiles:
    """What `bot migrate` does to courses of the studio: nothing."""

    def test_a_course_without_a_file_survives(self, session, author, approver, tmp_path):
        published(session, author, approver)
        small_course.publish(session, tmp_path / "courses")
        assert sorted(titles(session)) == ["Khóa khoa-nho", "Nuôi cá mùa lạnh"]

    def edited(self, session, author, approver, slug="khoa-nho", title="Sửa ở phòng soạn"):
        draft = authoring.begin(session, author, slug, TUESDAY_TEN)
        authoring.save(session, author, draft.id, draft.revision, sound(slug, title=title), TUESDAY_TEN)
        authoring.submit(session, author, draft.id, "", TUESDAY_TEN)
        return authoring.publish(session, approver, draft.id, TUESDAY_TEN)

    def test_a_file_does_not_overwrite_what_the_studio_made_of_it_but_joins_the_history(self, session, author, approver, tmp_path):
        folder = tmp_path / "courses"
        small_course.publish(session, folder)
        self.edited(session, author, approver)
        small_course.publish(session, folder)
        assert titles(session) == ["Sửa ở phòng soạn"]
        small_course.publish(session, folder, small_course.small(title="Tệp mới"))
        assert titles(session) == ["Sửa ở phòng soạn"]
        assert [(v.number, v.origin, v.live) for v in authoring.history(session, "khoa-nho")] == [
            (3, "file", False), (2, "studio", True), (1, "file", False)]

    def test_going_back_to_a_files_version_lasts_too(self, session, author, approver, tmp_path):
        folder = tmp_path / "courses"
        small_course.publish(session, folder)
        small_course.publish(session, folder, small_course.small(title="Tệp mới"))
        old = authoring.history(session, "khoa-nho")[-1]
        authoring.rollback(session, approver, "khoa-nho", old.id, "Bản mới có chỗ sai.", TUESDAY_TEN)
        small_course.publish(session, folder, small_course.small(title="Tệp mới"))
        assert titles(session) == ["Khóa khoa-nho"]

    def test_a_course_whose_file_goes_is_taken_off_unless_the_studio_has_it(self, session, author, approver, tmp_path):
        folder = tmp_path / "courses"
        small_course.publish(session, folder, small_course.small("khoa-mot"), small_course.small("khoa-hai"))
        self.edited(session, author, approver, "khoa-hai", "Khóa hai")
        for file in folder.glob("*.yml"):
            file.unlink()
        small_course.publish(session, folder, small_course.small("khoa-ba"))
        assert sorted(titles(session)) == ["Khóa hai", "Khóa khoa-ba"]


def test_two_people_who_begin_at_once_do_not_make_two_drafts(database):
    with database.write() as session:
        lan, minh = somebody(session, "lan"), somebody(session, "minh", "approver")
        slug = published(session, lan, minh).slug
    with database.write() as session:
        authoring.begin(session, lan, slug, TUESDAY_TEN)
    with database.write() as session:
        version = authoring.live_version(session, slug)
        from bot.services.drafts import opened
        with pytest.raises(Refusal):
            opened(session, minh, slug, version.document, version.id, TUESDAY_TEN)
        assert session.scalar(select(func.count()).select_from(Draft)) == 1  # and the session is still of use
