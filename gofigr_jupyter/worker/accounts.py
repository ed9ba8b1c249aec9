"""From a parcel's account to a client; new credentials are used at once, for parcels that wait as well."""

from __future__ import annotations

import threading
from pathlib import Path

from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.errors import APIError, ConfigurationError, Forbidden, Unauthorized
from gofigr_jupyter.local import LocalServer, local_server
from gofigr_jupyter.settings import Account, Settings, load_account
from gofigr_jupyter.spawn import ensure_server


class Connection:
    """A client for one server and account, made when first needed and again when the credentials change."""

    def __init__(self, home: Path, url: str | None, account: str | None) -> None:
        self.home = home
        self.url = url
        self._account_id = account
        self._account: Account | LocalServer | None = None
        self._clients: list[GoFigr] = []  # the last is in force; another thread may still be using an earlier one
        self._lock = threading.Lock()
        self._asked = threading.local()  # `by`: the client that this thread has asked with, and its account

    def client(self) -> GoFigr:
        """The client. Raises Unauthorized when the credentials are gone."""
        if self.url is None:
            ensure_server(self.home)
        account = self._load()
        with self._lock:
            if not self._clients or account != self._account:
                self._account = account
                self._clients.append(GoFigr(settings=self._settings(account), patience=0))  # the lanes wait
            self._asked.by = (self._clients[-1], account)
            return self._clients[-1]

    def changed(self) -> bool:
        """Whether other credentials are on the disk than those last used."""
        try:
            return not self._clients or self._load() != self._account
        except Unauthorized:
            return False

    def meant(self, error: Exception) -> Exception:
        """The same error, but for a refusal that only means that nobody is signed in. For the thread that met it.

        Some servers answer 403 to a revoked key. What was refused to one key says nothing about another that is there
        by now, and so it is the refused one that is asked about.
        """
        by = getattr(self._asked, "by", None)
        if isinstance(error, Forbidden) and by is not None and (_is_signed_out(by[0]) or self._is_outdated(by[1])):
            return Unauthorized(401, error.detail)
        return error

    def _is_outdated(self, account: Account | LocalServer) -> bool:
        try:
            return account != self._load()
        except Unauthorized:
            return True

    def close(self) -> None:
        """Drop the connections."""
        with self._lock:
            for client in self._clients:
                client.close()
            self._clients.clear()

    def _load(self) -> Account | LocalServer:
        if self.url is None:
            return local_server(self.home)  # its port may change, when a stranger sits on the old one
        if self._account_id is None:
            return Account(url=self.url)
        try:
            return load_account(self.home, self._account_id)
        except ConfigurationError as error:
            raise Unauthorized(401, str(error)) from error

    def _settings(self, account: Account | LocalServer) -> Settings:
        if isinstance(account, LocalServer):
            return Settings(home=self.home)
        return Settings(
            home=self.home,
            url=account.url,
            api_key=account.api_key,
            username=account.username,
            password=account.password,
        )


def _is_signed_out(gf: GoFigr) -> bool:
    try:
        gf.user()
    except (Unauthorized, Forbidden):
        return True
    except APIError:
        pass
    return False
