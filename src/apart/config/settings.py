"""Réglages d'Apart. Chaque variable d'environnement est lue ici, une fois (docs/exploitation.md les décrit)."""

import sys
from datetime import timedelta
from pathlib import Path

from csp.constants import NONE, SELF

from apart.config import environnement as env
from apart.embarque import postgres as embarque

PAQUET = Path(__file__).resolve().parent.parent
# Données de cette installation : base embarquée, boîte aux lettres de la démonstration, clé secrète. À côté du clone
# quand on en lance un, sinon dans le dossier courant.
CLONE = PAQUET.parents[1] if (PAQUET.parents[1] / "pyproject.toml").is_file() else Path()
VAR = Path(env.texte("APART_VAR") or CLONE / "var").resolve()
DEBUG = False
DEMO = env.booleen("APART_DEMO", defaut=False)

URL_PUBLIQUE = env.url_publique("URL_PUBLIQUE", "http://127.0.0.1:8000")
EST_HTTPS = URL_PUBLIQUE.startswith("https://")
HOTE_PUBLIC = URL_PUBLIQUE.split("://", 1)[1]
ALLOWED_HOSTS = [HOTE_PUBLIC.rsplit(":", 1)[0], "127.0.0.1", "localhost", *env.hotes("ALLOWED_HOSTS")]


SECRET_KEY = env.cle("SECRET_KEY", VAR / "cle-secrete")
SECRET_KEY_FALLBACKS = env.cles_anciennes("SECRET_KEY_FALLBACKS")  # relisent ; rien de neuf ne s'écrit avec elles

# --- Base de données : PostgreSQL 15 ou plus, ou celui qu'Apart démarre lui-même dans VAR/postgres ---
DATABASE_URL = env.texte("DATABASE_URL")
BASE_EMBARQUEE = None if DATABASE_URL else VAR / "postgres"
POSTGRES_BIN = env.texte("APART_POSTGRES_BIN")  # dossier de programmes préféré pour la base embarquée
if DATABASE_URL:
    _SITE = env.base_de_donnees("DATABASE_URL")
    _PROPRIETAIRE = env.base_de_donnees("DATABASE_URL_PROPRIETAIRE", defaut=DATABASE_URL)
else:
    env.seule("DATABASE_URL_PROPRIETAIRE", avec="DATABASE_URL")
    _SITE = embarque.reglages(VAR / "postgres", embarque.ROLE_DU_SITE)
    _PROPRIETAIRE = embarque.reglages(VAR / "postgres")
# Le propriétaire migre et importe ; le site et le travailleur n'ont que les droits de socle.droits.
ROLE_DU_SITE = str(_SITE["USER"]) if _SITE["USER"] != _PROPRIETAIRE["USER"] else ""
PARLE_POUR = env.parle_pour()
DUREE_D_UN_ORDRE = env.entier("BASE_SECONDES", 30, mini=1, maxi=3_600)  # au plus, pour les pages
DATABASES = {"default": _PROPRIETAIRE if PARLE_POUR == "proprietaire" else _SITE}
if PARLE_POUR == "site":
    env.limiter(DATABASES["default"], DUREE_D_UN_ORDRE)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "dsfr",
    "procrastinate.contrib.django",
    "widget_tweaks",
    "apart.socle",
    "apart.courriels",
    "apart.comptes",
    "apart.repertoire",
    "apart.pieces",
    "apart.etablissements",
    "apart.administrations",
    "apart.reprises",
    "apart.accueil",
    "apart.assistance",
    "apart.simulateur",
    "apart.espace",
    "apart.demo",
    "apart.config",
]

MIDDLEWARE = [
    "apart.socle.reference.ReferenceMiddleware",
    "apart.socle.metriques.MetriquesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "apart.socle.feuille.FeuilleMiddleware",
    "apart.socle.entetes.EntetesMiddleware",
    "csp.middleware.CSPMiddleware",
    "apart.socle.problemes.ProgrammesMiddleware",
    "apart.socle.erreurs.ErreursMiddleware",
    "apart.comptes.intergiciels.TourDeConnexion",
    "apart.socle.envois.EnvoisMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "apart.socle.reception.ReceptionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "apart.comptes.intergiciels.DepenseMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "apart.comptes.intergiciels.SessionsMiddleware",
    "apart.comptes.intergiciels.SecondFacteurObligatoire",
    "django.contrib.messages.middleware.MessageMiddleware",
]

ROOT_URLCONF = "apart.config.urls"
WSGI_APPLICATION = "apart.config.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PAQUET / "socle" / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["apart.socle.gabarits.ParDossier", "apart.socle.gabarits.ParModule"],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "apart.socle.contexte.site",
                "apart.comptes.contexte.session",
                "apart.administrations.contexte.droits",
            ],
        },
    }
]

# --- Langue, heure ---
LANGUAGE_CODE = "fr"
TIME_ZONE = "Europe/Paris"
USE_TZ = True
USE_I18N = True
USE_THOUSAND_SEPARATOR = True

# --- Comptes ---
AUTH_USER_MODEL = "comptes.Utilisateur"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["apart.comptes.hachage.Argon2"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "apart.comptes.motdepasse.Regles"}]
LOGIN_URL = "connexion"
LOGIN_REDIRECT_URL = "/mon-espace/"
LOGOUT_REDIRECT_URL = "accueil"
QUESTION_SECRETE = env.choix("QUESTION_SECRETE", "facultative", ("desactivee", "facultative", "obligatoire"))
DUREE_JETON = timedelta(minutes=60)  # chiffre de la note de 2020
DUREE_ACTIVATION_AGENT = timedelta(days=7)
# Entre « je n'ai plus mon second facteur » et son remplacement : le temps, pour la vraie personne, de s'y opposer.
DELAI_FACTEUR_PERDU = timedelta(hours=env.entier("DELAI_FACTEUR_PERDU", 72, mini=24, maxi=720))

ACCOUNT_USER_MODEL_USERNAME_FIELD = "identifiant"
ACCOUNT_USER_MODEL_EMAIL_FIELD = "courriel"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # la preuve du courriel est la nôtre : comptes.Jeton
ACCOUNT_RATE_LIMITS = False  # les nôtres : comptes.connexion, comptes.second_facteur
ACCOUNT_ADAPTER = "apart.comptes.adaptateur.AdaptateurCompte"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60  # secondes
ACCOUNT_REAUTHENTICATION_REQUIRED = True
MFA_ADAPTER = "apart.comptes.adaptateur.AdaptateurSecondFacteur"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Activité partielle"
MFA_TOTP_TOLERANCE = 1  # l'horloge d'un téléphone dérive : 30 secondes de part et d'autre
MFA_ALLOW_UNVERIFIED_EMAIL = True  # la preuve du courriel est la nôtre

# --- Sessions et cookies ---
SESSION_ENGINE = "apart.comptes.sessions"
# Sans activité, puis au plus ; les agents tiennent les comptes de tout le monde : plus court.
SESSION_INACTIVITE = timedelta(minutes=30)
SESSION_DUREE = timedelta(hours=12)
SESSION_INACTIVITE_AGENT = timedelta(minutes=15)
SESSION_DUREE_AGENT = timedelta(hours=8)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = EST_HTTPS
SESSION_COOKIE_NAME = "__Host-session" if EST_HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if EST_HTTPS else "csrf"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"  # Strict casse les liens reçus par courriel
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_FAILURE_VIEW = "apart.socle.erreurs.formulaire_perime"
CSRF_TRUSTED_ORIGINS = [URL_PUBLIQUE]

# --- En-têtes de sécurité ---
SECURE_SSL_REDIRECT = False  # le mandataire inverse s'en charge
# W008 : le réglage ci-dessus est voulu. Les autres suivent EST_HTTPS, que config.controles dit en français.
SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W008", "security.W011", "security.W016"]
if "check" not in sys.argv[1:2]:  # la fin du barème se lit par « apart check », au journal et au bureau des agents
    SILENCED_SYSTEM_CHECKS.append("apart.W001")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if EST_HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if EST_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = EST_HTTPS
SECURE_HSTS_PRELOAD = EST_HTTPS
# « no-referrer » ferait envoyer « Origin: null » par nos propres formulaires, que la protection CSRF refuserait
# (mesuré dans Chromium et Firefox) ; « same-origin » ne dit rien de plus aux autres sites.
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
FILE_UPLOAD_HANDLERS = ["apart.socle.corps.SansFichier"]  # une vue qui attend un fichier le dit : corps.en_memoire
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4_000  # deux scénarios de 50 groupes au simulateur
ANTI_ROBOT_EFFORT = env.entier(
    "ANTI_ROBOT_EFFORT", 1_000, mini=2, maxi=100_000
)  # docs/decisions/0004-controle-de-securite.md
ENFANT_SECONDES = env.entier("ENFANT_SECONDES", 120, mini=5, maxi=600)  # de processeur, pour lire un gros envoi
ENFANT_MEMOIRE = env.entier("ENFANT_MEMOIRE", 3_072, mini=256, maxi=65_536)  # Mio
ENFANTS_ENSEMBLE = env.entier("ENFANTS_ENSEMBLE", 2, mini=1, maxi=64)  # par processus du site
MANDATAIRES_DE_CONFIANCE = env.entier("MANDATAIRES_DE_CONFIANCE", 0, mini=0, maxi=5)

# --- Pièces jointes (docs/decisions/0017-pieces-jointes.md) ---
PIECES_DOSSIER = env.dossier("PIECES_DOSSIER")  # None : dans la base
CLAMD = env.serveur_antivirus("CLAMD_URL")  # None : sans antivirus

# --- Fichiers statiques : servis depuis le paquet, sans étape de collecte ---
STATIC_URL = "/statique/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 31_536_000  # la version est dans l'adresse (socle.statique)
STORAGES = {"staticfiles": {"BACKEND": "apart.socle.statique.StockageVersionne"}}
DSFR_USE_INTEGRITY_CHECKSUMS = False
SERVICE_ETAT = env.booleen("SERVICE_ETAT", defaut=False)  # marque et typographie de l'État

# --- Courriels ---
SERVEUR_COURRIEL = env.serveur_courriel("EMAIL_URL", "smtp://127.0.0.1:1025")
EXPEDITEUR = env.adresse_electronique("EXPEDITEUR", f"Apart <notifications@{HOTE_PUBLIC.rsplit(':', 1)[0]}>")
REBONDS_IMAP = env.boite_imap("REBONDS_IMAP")  # où reviennent les rapports de non-remise ; lue chaque minute
REPONDRE_A = env.adresse_electronique("REPONDRE_A") or EXPEDITEUR  # une boîte lue par quelqu'un
COURRIEL_ASSISTANCE = env.adresse_electronique(
    "COURRIEL_ASSISTANCE", nom_permis=False
)  # copie des demandes d'assistance
ASSISTANCE_JOURS_OUVRES = env.entier("ASSISTANCE_JOURS_OUVRES", 2, mini=1, maxi=30)  # délai de réponse promis
DECISIONS_ANNEES = env.entier("DECISIONS_ANNEES", 5, mini=1, maxi=30)  # ce qu'on garde d'une reprise ou d'une preuve
EMAIL_BACKEND = "apart.courriels.depot.Interdit"  # tout passe par la file courriels.Courriel
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "taches"

# --- Exploitant, pour les mentions légales et les conditions d'utilisation ---
EXPLOITANT = {
    "nom": env.texte("EXPLOITANT_NOM"),
    "adresse": env.texte("EXPLOITANT_ADRESSE"),
    "directeur": env.texte("EXPLOITANT_DIRECTEUR"),  # directeur ou directrice de la publication
    "hebergeur": env.texte("EXPLOITANT_HEBERGEUR"),  # nom, adresse et téléphone
    "delegue": env.texte("EXPLOITANT_DELEGUE"),  # comment joindre le délégué à la protection des données
}
ENTRETIEN = env.booleen("ENTRETIEN", defaut=False)  # toutes les pages disent que le service est en entretien
METRIQUES_JETON = env.jeton("METRIQUES_JETON")  # ouvre /metriques à qui le présente
# Vide : ce que dit le relevé livré avec le logiciel (socle/accessibilite.yaml).
ACCESSIBILITE = env.choix("ACCESSIBILITE", "", ("", "non", "partiellement", "totalement"))

# --- Support technique affiché ---
SUPPORT_TELEPHONE = env.texte("SUPPORT_TELEPHONE")
SUPPORT_HORAIRES = env.texte("SUPPORT_HORAIRES")
SUPPORT_ADRESSE = env.texte("SUPPORT_ADRESSE")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lignes": {"()": "apart.socle.journalisation.LigneJson"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lignes"}},
    "root": {
        "handlers": ["console"],
        "level": env.choix("NIVEAU_JOURNAL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")),
    },
    "loggers": {
        "procrastinate": {"level": "WARNING"},
        "django.server": {"propagate": True, "handlers": []},
        "django": {"handlers": [], "propagate": True},
    },
}

env.refuser_les_variables_inconnues()
