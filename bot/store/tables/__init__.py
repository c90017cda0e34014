"""Our tables. Migrations make them; these classes only describe them. A sentence under each says why it exists."""

from bot.store.tables.learning import Attempt, Certificate, CourseVersion, DrillRun, Enrolment, Learner, PublishedPicture, Review, ReviewCard, Revision
from bot.store.tables.messages import Button, Inbound, Outbound, Turn
from bot.store.tables.operations import Bucket, ChannelState, Heartbeat, Lease, Tally
from bot.store.tables.people import Citizen, Consent, Conversation, Erasure, LinkCode, Reminder
from bot.store.tables.procedures import Asked, ProcedureRow
from bot.store.tables.staff import AuditEntry, Invitation, Staff, StaffSession
