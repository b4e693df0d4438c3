"""Les sessions : gardées en base sous l'empreinte de leur clé, bornées en temps, visibles et fermables une à une."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as SessionStoreDjango
from django.db import DatabaseError, IntegrityError, OperationalError, connection
from django.http import HttpRequest
from django.utils import timezone

from apart.comptes.models import Session, Utilisateur
from apart.socle.chiffrement import empreinte
from apart.socle.disque import SANS_ATTENDRE
from apart.socle.limites import adresse_ip

OUVERTE_LE, AGENT, ADRESSE, NAVIGATEUR = "ouverte_le", "agent", "adresse", "navigateur"

# La session, et l'accès de sa personne. Par l'ORM, quatre ordres et le huitième d'une connexion sans Argon2.
OUVRIR = """
WITH ouverte AS (
    INSERT INTO comptes_session (
        session_key, session_data, expire_date, utilisateur_id, adresse, navigateur, ouverte_le, vue_le
    ) VALUES (
        %(session_key)s, %(session_data)s, %(expire_date)s, %(utilisateur_id)s, %(adresse)s, %(navigateur)s,
        %(ouverte_le)s, %(vue_le)s
    )
)
INSERT INTO comptes_acces (utilisateur_id, le, adresse, navigateur)
VALUES (%(utilisateur_id)s, %(vue_le)s, %(adresse)s, %(navigateur)s)
"""


def fin(*, ouverte_le: datetime, vue_le: datetime, agent: bool) -> datetime:
    """Quand la session se ferme : inactivité ou durée totale, la première atteinte."""
    if agent:
        return min(vue_le + settings.SESSION_INACTIVITE_AGENT, ouverte_le + settings.SESSION_DUREE_AGENT)
    return min(vue_le + settings.SESSION_INACTIVITE, ouverte_le + settings.SESSION_DUREE)


class SessionStore(SessionStoreDjango):
    """Sessions de Django dans comptes.Session ; la base ne connaît que l'empreinte des clés (T42)."""

    ligne: Session | None = None
    _cle_neuve = False
    _s_ouvre = False

    @classmethod
    def get_model_class(cls) -> type[Session]:  # type: ignore[override]  # modèle aux mêmes champs
        return Session

    def load(self) -> dict[str, Any]:
        cle = empreinte(self.session_key or "")
        self.ligne = Session.objects.filter(session_key=cle, expire_date__gt=timezone.now()).first()
        if self.ligne is None:
            self._session_key = None
            return {}
        return dict(self.decode(self.ligne.session_data))

    def exists(self, session_key: str) -> bool:
        return Session.objects.filter(session_key=empreinte(session_key)).exists()

    def delete(self, session_key: str | None = None) -> None:
        if cle := session_key or self.session_key:
            Session.objects.filter(session_key=empreinte(cle)).delete()

    def cycle_key(self) -> None:
        """Change de clé sans rien écrire encore : la ligne s'insère une fois, à la fin de la requête."""
        donnees, ancienne = self._donnees(), self.session_key
        self._session_key = self._get_new_session_key()
        self._session_cache = donnees
        self._cle_neuve = self.modified = True
        if ancienne:
            self.delete(ancienne)

    def ouvrir(self) -> None:
        """Une connexion vient de réussir : clé neuve, et un accès noté avec la session."""
        if not self._cle_neuve:
            self.cycle_key()
        self._s_ouvre = True

    def save(self, must_create: bool = False) -> None:
        """Une session qui s'ouvre, et l'accès montré à la personne : l'une jamais sans l'autre."""
        if self.session_key is None:
            self.create()
            return
        ligne = self.create_model_instance(self._donnees(sans_lire=must_create))
        try:
            if self._s_ouvre:
                _ouvrir(ligne)
            else:
                neuve = must_create or self._cle_neuve
                ligne.save(force_insert=neuve, force_update=not neuve)
        except (IntegrityError, OperationalError):
            raise
        except DatabaseError as refus:  # la session a été fermée pendant la requête
            raise UpdateError from refus
        self._cle_neuve = self._s_ouvre = False

    def _donnees(self, *, sans_lire: bool = False) -> dict[str, Any]:
        return dict(self._get_session(no_load=sans_lire))  # type: ignore[attr-defined]  # absente des types

    def _get_new_session_key(self) -> str:
        return secrets.token_hex(20)  # 160 bits, tirés en une fois : deux fois la même n'arrive pas

    def create_model_instance(self, data: dict[str, Any]) -> Session:  # type: ignore[override]  # idem
        maintenant = timezone.now()
        if SESSION_KEY in data:
            data.setdefault(OUVERTE_LE, maintenant.timestamp())
        ouverte_le = datetime.fromtimestamp(data.get(OUVERTE_LE, maintenant.timestamp()), tz=UTC)
        self.ligne = Session(
            session_key=empreinte(self.session_key or ""),
            session_data=self.encode(data),
            expire_date=fin(ouverte_le=ouverte_le, vue_le=maintenant, agent=data.get(AGENT, False)),
            utilisateur_id=int(data[SESSION_KEY]) if SESSION_KEY in data else None,
            adresse=data.get(ADRESSE, ""),
            navigateur=data.get(NAVIGATEUR, ""),
            ouverte_le=ouverte_le,
            vue_le=maintenant,
        )
        return self.ligne


def _ouvrir(ligne: Session) -> None:
    with connection.cursor() as curseur:
        curseur.execute(f"{OUVRIR} RETURNING {SANS_ATTENDRE}", vars(ligne))


def marquer(request: HttpRequest, utilisateur: Utilisateur) -> None:
    """Note dans une session qui s'ouvre ce qui sert à la reconnaître et à la borner."""
    assert isinstance(request.session, SessionStore)  # noqa: S101 — settings.SESSION_ENGINE
    request.session.ouvrir()
    request.session[OUVERTE_LE] = timezone.now().timestamp()
    request.session[AGENT] = utilisateur.est_agent
    request.session[ADRESSE] = adresse_ip(request)
    request.session[NAVIGATEUR] = navigateur(request)


def changer_de_cle(request: HttpRequest) -> None:
    """La personne vient de confirmer qui elle est : sa session d'avant s'efface, la suivante a une autre clé (T28)."""
    request.session.cycle_key()


def navigateur(request: HttpRequest) -> str:
    return request.headers.get("User-Agent", "")[:200]
