"""The pages for staff: /studio and /admin, signed in. Each module below has a `router`; this is the list of them."""

from fastapi import APIRouter

from bot.web.staff import (
    account,
    audit_log,
    course_import,
    courses,
    figures,
    figures_courses,
    figures_service,
    lesson_form,
    oidc,
    operations,
    people,
    phone,
    preview,
    privacy,
    procedure_drafts,
    procedures,
    procedures_import,
    reports,
    review,
    sign_in,
    systems,
    unanswered,
)

ROUTERS: tuple[APIRouter, ...] = (sign_in.router, account.router, people.router, courses.router, review.router, course_import.router,
                                  lesson_form.router, audit_log.router, figures.router, figures_courses.router, figures_service.router,
                                  operations.router, reports.router, phone.router, preview.router, oidc.router, systems.router,
                                  procedures.router, procedure_drafts.router, procedures_import.router, unanswered.router, privacy.router)
