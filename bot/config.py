"""Settings: one class, every variable with its type, unit and default. Read from the environment, or from `.env`."""

import hashlib
import re
import secrets
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """A secret is a SecretStr, so that no log, error or page can show it by accident."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", hide_input_in_errors=True)

    database_url: str = Field(f"sqlite:///{ROOT}/var/bot.db", description="SQLAlchemy URL; SQLite file or PostgreSQL.")
    host: str = Field("127.0.0.1", description="Address the public web server listens on.")
    port: int = Field(8080, ge=1, le=65535, description="Port of the public web server.")
    public_url: str = Field("", description="Address citizens use; default http://127.0.0.1:PORT.")
    province: str = Field("Ninh Bình", description="Name of the province in wording.")
    secret_key: SecretStr = Field(SecretStr(""), description="Keys the hashes of channel ids; made under var/ when absent.")
    rasa_url: str = Field("http://127.0.0.1:5005", description="Base addresses of Rasa, with commas between; loopback or a private network only.")
    rasa_processes: int = Field(1, ge=1, le=16, description="How many Rasas `bot run` starts.")
    hung_seconds: float = Field(90.0, ge=30, description="`bot run` ends and starts again a Rasa or web server that has not answered for so long.")
    lgsp_url: str = Field("", description="Base of the province's integration gateway (LGSP), see docs/systems.md; empty: not connected.")
    lgsp_key: str = Field("", description="Our application key at the gateway.")
    lgsp_secret: SecretStr = Field(SecretStr(""), description="Our application secret at the gateway.")
    lgsp_token_path: str = Field("/token", description="Where the gateway gives tokens.")
    lgsp_dossier_path: str = Field("/dossiers/{code}", description="Where it tells of a submitted file.")
    lgsp_catalogue_path: str = Field("/procedures?page={page}", description="Where it lists procedures.")
    lgsp_timeout_seconds: float = Field(5.0, gt=0, description="Longest wait for one answer of the gateway.")
    lgsp_event_secret: SecretStr = Field(SecretStr(""), description="Key of the signature on the gateway's events; empty: none are taken.")
    oidc_issuer: str = Field("", description="Issuer of the province's own sign-in for staff (OpenID Connect); empty: passwords of ours only.")
    oidc_client_id: str = Field("", description="Our client id at the issuer.")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="Our client secret at the issuer; empty: a public client with PKCE.")
    oidc_claim: str = Field("email", description="Claim of the ID token that is the login of a member of staff.")
    oidc_name: str = Field("tài khoản của tỉnh", description="What the button on the sign-in page calls it.")
    ticket_working_days: int = Field(10, ge=1, le=90, description="Working days in which the desk means to answer a report; told as an aim, not as law.")
    staffed_hours: str = Field("1-5 07:30-11:30 13:30-17:00", pattern=r"^[1-7](-[1-7])?( ([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)+$",
                               description="When officers answer in the chat: days of the week from Monday (1), then "
                               "local hours; see bot/reminders/staffed.py.")
    webhooks_to_private: bool = Field(False, description="Allow outgoing webhooks to http and to addresses inside our own network.")
    actions_host: str = Field("127.0.0.1", description="Address the action endpoint listens on; another than loopback only in a private network.")
    actions_port: int = Field(5055, ge=1, le=65535, description="Port of the action endpoint Rasa calls.")
    rasa_gateway_token: SecretStr = Field(SecretStr(""), description="Shared by gateway and Rasa; made under var/ when absent.")
    rasa_timeout_seconds: float = Field(20.0, gt=0, description="Longest wait for Rasa's answer to one turn.")
    reply_wait_seconds: float = Field(4.0, gt=0, description="Longest a web request waits before the honest sentence.")
    chat_rate_per_minute: int = Field(30, ge=1, description="Messages a minute from one sender before 429.")
    redis_url: str = Field("", description="Redis for rate limits shared by several web processes and for Rasa's locks; empty: in memory.")
    telegram_token: SecretStr = Field(SecretStr(""), description="Bot token; empty: no Telegram.")
    telegram_api_url: str = Field("https://api.telegram.org", description="Base to which /bot<token>/<method> is added.")
    telegram_webhook_secret: SecretStr = Field(SecretStr(""), description="Set: webhook, set by itself when PUBLIC_URL is https; empty: long polling.")
    telegram_name: str = Field("", pattern=r"^@?[A-Za-z0-9_]{0,32}$", description="User name of the bot, for links and QR codes (bot qr).")
    embed_ancestors: str = Field("'self'", description="Who may show the chat in a frame: 'self', 'none' or addresses with a space between, "
                                 "such as https://ninhbinh.gov.vn https://*.ninhbinh.gov.vn.")
    zalo_bot_token: SecretStr = Field(SecretStr(""), description="Token of a bot of the Zalo Bot Platform; empty: none.")
    zalo_bot_api_url: str = Field("https://bot-api.zaloplatforms.com", description="Base to which /bot<token>/<method> is added.")
    zalo_bot_webhook_secret: SecretStr = Field(SecretStr(""), description="8 to 256 characters: webhook, set by itself when PUBLIC_URL is https; "
                                               "empty: long polling.")
    zalo_bot_name: str = Field("", description="Account name as getMe gives it; set: a token of another bot is noticed at start.")
    zalo_oa_app_id: str = Field("", description="App id of the Zalo Official Account; empty: no Zalo OA.")
    zalo_oa_secret_key: SecretStr = Field(SecretStr(""), description="OA Secret Key, from the app's webhook page; not the App Secret Key.")
    zalo_oa_app_secret: SecretStr = Field(SecretStr(""), description="App Secret Key, for renewing tokens.")
    zalo_oa_refresh_token: SecretStr = Field(SecretStr(""), description="From the newest consent of the OA; its successors are kept in the database.")
    zalo_oa_api_url: str = Field("https://openapi.zalo.me", description="Base of the Zalo OA API.")
    zalo_oauth_url: str = Field("https://oauth.zaloapp.com", description="Base to which /v4/oa/access_token is added.")
    zalo_oa_id: str = Field("", description="Id of the OA; set: events of other OAs that authorised the same app are passed over.")
    zalo_oa_staff_pause_minutes: int = Field(30, ge=0, le=24 * 60, description="Minutes for which the bot keeps silent in a conversation after staff "
                                             "wrote there from Zalo's own window; 0: it never does.")
    zalo_oa_paid: bool = Field(False, description="Send messages between 48 hours and 7 days after the citizen's last word, which Zalo charges for.")
    zalo_oa_template_id: str = Field("", description="Approved ZBS template, charged for, for reminders that may not be sent as messages; empty: they wait.")
    zalo_oa_template_field: str = Field("noi_dung", description="Name of that template's one parameter, which gets the reminder's first line.")
    zalo_oa_proof: bool = Field(False, description="Send appsecret_proof; set when the app's option to check it is on.")
    certificate_key: SecretStr = Field(SecretStr(""), description="Seed of the Ed25519 key that signs certificates; made under var/ when absent.")
    courses_dir: Path = Field(ROOT / "courses", description="Folder of shipped courses.")
    procedures_dir: Path = Field(ROOT / "procedures", description="Folder of curated procedures.")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")
    log_format: Literal["text", "json"] = Field("text", description="Lines for people, or json: one JSON object a line.")

    @field_validator("embed_ancestors")
    @classmethod
    def sources(cls, given: str) -> str:
        """Sources of a Content-Security-Policy and nothing that could end the directive."""
        one = re.compile(r"'self'|'none'|https?://(?:\*\.)?[A-Za-z0-9.-]+(?::(?:\d{1,5}|\*))?")
        tokens = given.split()
        if not tokens or not all(one.fullmatch(t) for t in tokens) or ("'none'" in tokens and len(tokens) > 1):
            raise ValueError("'self', 'none' or addresses such as https://example.vn, with spaces between")
        return " ".join(tokens)

    @field_validator("database_url")
    @classmethod
    def driver(cls, url: str) -> str:
        """postgres:// and postgresql:// mean our driver, psycopg 3."""
        for prefix in ("postgres://", "postgresql://"):
            if url.startswith(prefix):
                return "postgresql+psycopg://" + url.removeprefix(prefix)
        return url

    @property
    def var(self) -> Path:
        """Where this installation keeps its files; beside the SQLite file when there is one."""
        if self.database_url.startswith("sqlite:///"):
            return Path(self.database_url.removeprefix("sqlite:///")).absolute().parent
        return ROOT / "var"

    @property
    def receipts(self) -> Path:
        """Where this machine's processes on this database note what they have sent (bot/services/receipts.py)."""
        return self.var / "receipts" / hashlib.sha256(self.database_url.encode()).hexdigest()[:12]

    def key(self) -> bytes:
        return self._kept(self.secret_key, "secret_key").encode()

    def gateway_token(self) -> str:
        return self._kept(self.rasa_gateway_token, "gateway_token")

    def certificate_seed(self) -> bytes:
        """32 bytes for the signing key."""
        return hashlib.sha256(self._kept(self.certificate_key, "certificate_key").encode()).digest()

    @property
    def base_url(self) -> str:
        """Where citizens reach this server, without a slash at the end."""
        return self.public_url.rstrip("/") or f"http://127.0.0.1:{self.port}"

    def _kept(self, given: SecretStr, name: str) -> str:
        """The given secret, else the one kept in var/, made at first need, readable by the owner only."""
        if given.get_secret_value():
            return given.get_secret_value()
        path = self.var / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600, exist_ok=True)
            if not path.read_text():
                path.write_text(secrets.token_urlsafe(32))
        return path.read_text().strip()


@lru_cache
def settings() -> Settings:
    """The settings of this process."""
    return Settings()
