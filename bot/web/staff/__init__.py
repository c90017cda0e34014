"""The pages for staff: /studio and /admin, signed in. Each module below has a `router`; this is the list of them."""

from fastapi import APIRouter

from bot.web.staff import (
    account,
    announcements,
    audit_log,
    communes,
    course_import,
    courses,
    figures,
    figures_courses,
    figures_service,
    incidents,
    lesson_form,
    oidc,
    opendata,
    operations,
    people,
    phone,
    preview,
    privacy,
    procedure_drafts,
    procedures,
    procedures_import,
    quality,
    reports,
    review,
    sign_in,
    systems,
    talks,
    tickets,
    unanswered,
)

ROUTERS: tuple[APIRouter, ...] = (sign_in.router, account.router, people.router, courses.router, review.router, course_import.router,
                                  lesson_form.router, audit_log.router, figures.router, figures_courses.router, figures_service.router,
                                  operations.router, reports.router, incidents.router, phone.router, preview.router, oidc.router, systems.router,
                                  procedures.router, procedure_drafts.router, procedures_import.router, unanswered.router, privacy.router, tickets.router,
                                  announcements.router, talks.router,
                                  communes.router, opendata.router, quality.router)
