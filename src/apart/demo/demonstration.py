"""Le déroulement de la démonstration : préparer, démarrer, dire que c'est prêt, veiller, arrêter."""

from __future__ import annotations

import errno
import fcntl
import http.client
import io
import os
import signal
import smtplib
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connections

from apart.administrations.actions import services
from apart.administrations.actions.services import Contenu
from apart.administrations.models import Service, SorteService
from apart.demo.ports import HOTE, attendre_libre, port_garde
from apart.demo.surveillance import Surveillant, commande
from apart.embarque import postgres
from apart.repertoire.models import Fiche

PATIENCE_PORT = 5.0  # secondes laissées aux restes d'un arrêt brutal pour rendre leur port
PATIENCE_REPONSE = 90.0  # secondes avant de dire que le site ou la boîte aux lettres ne répond pas
DDETS = Contenu(
    nom="DDETS de la Haute-Savoie (démonstration)",
    sorte=SorteService.DDETS,
    departements=("74",),
    adresse="48 avenue de la République\n74960 Annecy",
    signature="Pour la directrice départementale",
)


class DemonstrationRefusee(Exception):
    """La démonstration ne peut pas démarrer ; le message dit pourquoi et que faire."""


class Demonstration:
    def __init__(self, port: int, dire: Callable[[str], object]) -> None:
        self.port = port
        self.dire = dire
        self.dossier = Path(settings.VAR) / "demo"
        self.ici = f"http://{HOTE}:{port}"
        self.adresse = os.environ.get("URL_PUBLIQUE", "").strip().rstrip("/") or self.ici  # celle de tous les liens
        self.courriels_ailleurs = os.environ.get("EMAIL_URL", "").strip()

    def tenir(self) -> None:
        """Démarre tout et rend la main quand on demande l'arrêt. Lève DemonstrationRefusee."""
        self.dossier.mkdir(parents=True, exist_ok=True)
        # Un script lance ses tâches de fond sourdes à SIGINT : ici, il doit être entendu.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        surveillant: Surveillant | None = None
        with (self.dossier / "verrou").open("a") as verrou:
            try:
                self.reserver(verrou.fileno())
                self.preparer_la_base()
                self.port_des_courriels = 0 if self.courriels_ailleurs else port_garde(self.dossier / "port-courriels")
                surveillant = Surveillant(self.environnement(), journaux=self.dossier / "journaux", dire=self.dire)
                self.demarrer(surveillant)
                self.montrer_les_liens(surveillant.environnement)
                self.veiller(surveillant)
            except KeyboardInterrupt:
                self.dire("Arrêt en cours…")
            finally:
                for numero in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                    signal.signal(numero, signal.SIG_IGN)  # l'arrêt va jusqu'au bout
                if surveillant is not None:
                    surveillant.arreter()
                connections.close_all()
        self.dire("Apart est arrêté. Les données sont gardées.")

    def reserver(self, verrou: int) -> None:
        """Une démonstration par dossier de données, un site par port."""
        try:
            fcntl.flock(verrou, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemonstrationRefusee(
                f"La démonstration tourne déjà sur les données de {settings.VAR}. Arrêtez-la d'abord (Ctrl-C dans son "
                "terminal), ou donnez un autre dossier par APART_VAR."
            ) from None
        refus = attendre_libre(self.port, PATIENCE_PORT)
        if refus == errno.EADDRINUSE:
            raise DemonstrationRefusee(
                f"Le port {self.port} est déjà pris par un autre programme. Choisissez-en un autre : "
                f"make demo PORT={self.port + 1 if self.port < 65535 else 8001}"
            )
        if refus:
            raise DemonstrationRefusee(f"Le port {self.port} ne peut pas être ouvert : {os.strerror(refus)}.")

    def preparer_la_base(self) -> None:
        call_command("migrate", verbosity=0)
        call_command("aide", "charger", stdout=io.StringIO())
        if not Fiche.objects.exists():
            self.dire("Chargement d'un échantillon du répertoire des établissements…")
            call_command("sirene", "importer", "--echantillon", stdout=io.StringIO())
        if not Service.objects.filter(nom=DDETS.nom).exists():
            services.creer(DDETS)

    def environnement(self) -> dict[str, str]:
        """Celui des parties : les liens suivent le port, le courrier va à la boîte locale s'il n'a pas d'ailleurs."""
        return {
            **os.environ,
            "URL_PUBLIQUE": self.adresse,
            "APART_DEMO": "oui",
            "EMAIL_URL": self.courriels_ailleurs or f"smtp://{HOTE}:{self.port_des_courriels}",
        }

    def demarrer(self, surveillant: Surveillant) -> None:
        """Lance les parties ; n'annonce que c'est prêt qu'une fois le site et la boîte aux lettres à l'écoute."""
        attendues = []
        if not self.courriels_ailleurs:
            port = str(self.port_des_courriels)
            boite = surveillant.demarrer("La boîte aux lettres", "demo_courriels", "--port", port)
            attendues.append((boite, self.boite_repond))
        web = surveillant.demarrer("Le site", "serveur", "--adresse", f"{HOTE}:{self.port}")
        attendues.append((web, self.repond))
        surveillant.demarrer("Le travailleur", "travailleur")
        limite = time.monotonic() + PATIENCE_REPONSE
        for partie, repond in attendues:
            while not (partie.en_marche and repond()):
                if time.monotonic() > limite:
                    raise DemonstrationRefusee(f"{partie.nom} ne répond pas. Son journal : {partie.journal}")
                surveillant.veiller()
                time.sleep(0.1)  # rien ne prévient qu'un port s'ouvre : on le redemande
        self.dire(f"Apart est prêt : {self.adresse}/")
        if self.adresse != self.ici:
            self.dire(f"Sur cette machine, il écoute à {self.ici}/")
        if not self.courriels_ailleurs:
            self.dire(f"Les courriels arrivent ici : {self.adresse}/demo/courriels/")

    def boite_repond(self) -> bool:
        try:
            with smtplib.SMTP(HOTE, self.port_des_courriels, timeout=10) as boite:
                return boite.noop()[0] == 250
        except (OSError, smtplib.SMTPException):
            return False

    def repond(self) -> bool:
        """La page d'accueil est là, ou celle qui dit le service en entretien si c'est ce qui est réglé."""
        attendu = http.HTTPStatus.SERVICE_UNAVAILABLE if settings.ENTRETIEN else http.HTTPStatus.OK
        connexion = http.client.HTTPConnection(HOTE, self.port, timeout=10)
        try:
            connexion.request("GET", "/")
            return connexion.getresponse().status == attendu
        except OSError:
            return False
        finally:
            connexion.close()

    def montrer_les_liens(self, environnement: dict[str, str]) -> None:
        """Un lien d'activation par rôle, tant que cet agent n'a pas choisi son mot de passe, à l'adresse du site."""
        with subprocess.Popen(  # noqa: S603  # notre propre commande, avec les adresses de ce port
            commande("demo_agents"), env=environnement, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
        ) as partie:
            try:
                for ligne in partie.stdout or ():
                    self.dire(ligne.rstrip())
            finally:
                partie.terminate()  # un Ctrl-C d'ici là : elle tiendrait la base ouverte

    def veiller(self, surveillant: Surveillant) -> None:
        base = settings.BASE_EMBARQUEE
        connections.close_all()
        while True:
            surveillant.veiller()
            if base is not None and not postgres.repond(base, postgres.BASE):
                self.dire("PostgreSQL s'est arrêté : il repart.")
                postgres.demarrer(base)
            time.sleep(0.5)
