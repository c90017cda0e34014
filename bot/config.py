"""Settings: one class, every variable with its type, unit and default. Read from the environment, or from `.env`."""

import hashlib
import secrets
from functools import lru_cache
from pathlib import Path

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
    rasa_url: str = Field("http://127.0.0.1:5005", description="Base address of Rasa, loopback only.")
    actions_port: int = Field(5055, ge=1, le=65535, description="Loopback port of the action endpoint Rasa calls.")
    rasa_gateway_token: SecretStr = Field(SecretStr(""), description="Shared by gateway and Rasa; made under var/ when absent.")
    rasa_timeout_seconds: float = Field(20.0, gt=0, description="Longest wait for Rasa's answer to one turn.")
    reply_wait_seconds: float = Field(4.0, gt=0, description="Longest a web request waits before the honest sentence.")
    chat_rate_per_minute: int = Field(30, ge=1, description="Messages a minute from one sender before 429.")
    redis_url: str = Field("", description="Redis for rate limits shared by several web processes; empty: in memory.")
    telegram_token: SecretStr = Field(SecretStr(""), description="Bot token; empty: no Telegram.")
    telegram_api_url: str = Field("https://api.telegram.org", description="Base to which /bot<token>/<method> is added.")
    telegram_webhook_secret: SecretStr = Field(SecretStr(""), description="Set: webhook; empty: long polling.")
    certificate_key: SecretStr = Field(SecretStr(""), description="Seed of the Ed25519 key that signs certificates; made under var/ when absent.")
    courses_dir: Path = Field(ROOT / "courses", description="Folder of shipped courses.")
    procedures_dir: Path = Field(ROOT / "procedures", description="Folder of curated procedures.")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")

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
