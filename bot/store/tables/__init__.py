"""Our tables. Migrations make them; these classes only describe them. A sentence under each says why it exists."""

from bot.store.tables.communes import CommuneSheet, LinkOpened
from bot.store.tables.desk import ReportOrder, ReportPlan, Switch
from bot.store.tables.engage import Announcement, AnnouncementSend, HumanLine, HumanTalk, NewsTopic
from bot.store.tables.figures import ActiveDay, MessageSent, Rating
from bot.store.tables.incidents import Incident, Indicator, Mention, SpreadAlert
from bot.store.tables.learning import Attempt, Certificate, CourseVersion, DrillRun, Enrolment, Learner, PublishedPicture, Review, ReviewCard, Revision
from bot.store.tables.messages import Button, Inbound, Outbound, Turn
from bot.store.tables.opendata import OpenTable
from bot.store.tables.operations import Bucket, ChannelState, Heartbeat, Lease, Tally
from bot.store.tables.people import Citizen, Consent, Conversation, Erasure, LinkCode, Reminder
from bot.store.tables.privacy import PrivacyNote, PrivacyRequest, RetentionRun
from bot.store.tables.procedures import (
    Asked,
    GoldenQuestion,
    OutOfScopeQuestion,
    ProcedureDraft,
    ProcedureRow,
    ProcedureUpload,
    ProcedureVersion,
    WaitingQuestion,
)
from bot.store.tables.quality import ControlledDocument, CorrectiveAction, ShippedVersion
from bot.store.tables.reactions import Reaction
from bot.store.tables.staff import AuditEntry, Invitation, Staff, StaffSession
from bot.store.tables.studio import Draft, DraftStep
from bot.store.tables.systems import ApiKey, FollowedDossier, WebhookDelivery, WebhookEndpoint
from bot.store.tables.tickets import Ticket, TicketCount, TicketDraft, TicketEvent, TicketFollower, TicketPhoto
from bot.store.tables.trial import PhoneCode
