"""The pages for staff: /studio and /admin, signed in. Each module below has a `router`; this is the list of them."""

from fastapi import APIRouter

from bot.web.staff import account, audit_log, people, sign_in

ROUTERS: tuple[APIRouter, ...] = (sign_in.router, account.router, people.router, audit_log.router)
