"""Lire ce que les gens tapent : lignes et textes, SIRET, code postal, pays, adresse électronique.

La seule porte, pour les formulaires, l'API et les fichiers. Ce qui ne se voit pas n'y est pas lu : un texte est rendu
tel que son auteur le voyait, et vide s'il n'y voyait rien. Les autres fonctions rendent la forme normale, ou lèvent
ValidationError avec une phrase qui dit quoi corriger. Les téléphones sont à côté (socle.telephones).
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from itertools import groupby

import idna
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from apart.socle.accents import normale, sans_accents

# Sans dessin, quoique de catégorie Mn, Lo ou So : Default_Ignorable_Code_Point d'Unicode, et le braille vide.
SANS_DESSIN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]"
)
# Dans un texte libre, ces trois-là forment une lettre ou un dessin avec leurs voisins (persan, langues indiennes, ❤️).
JOIGNENT = "\u200c\u200d\ufe0f"

SIREN_LA_POSTE = "356000000"

COURRIEL_MAXIMUM, PARTIE_LOCALE_MAXIMUM = 254, 64  # RFC 5321 §4.5.3.1


# Par quoi commence un texte qu'un tableur prendrait pour une formule (T24), pleine largeur comprise.
DECLENCHEURS = "=+@\t\r\0＝＋－＠-"  # « - » en dernier : ils se mettent tels quels entre crochets


def ligne(texte: str) -> str:
    """Une ligne telle qu'on la voit : rien d'invisible, une espace entre deux mots, aucune autour.

    Les formes de compatibilité (pleine largeur, ligatures) deviennent les signes ordinaires (NFKC). Les exposants et
    les fractions restent : « 10² » ne devient pas « 102 ». Temps linéaire.
    """
    if texte.isascii() and texte.isprintable():
        return " ".join(texte.split())
    compose = "".join(
        "".join(signes) if est_nombre else normale("NFKC", "".join(signes))
        for est_nombre, signes in groupby(visible(texte).replace("´", "'"), _est_exposant_ou_fraction)
    )
    return " ".join(visible(compose).split())


def paragraphes(texte: str) -> str:
    """Un texte libre tel que son auteur le voit : ses sauts de ligne restent, un pour un, et ses signes comme il les a
    tapés (NFC). Vide s'il n'y a rien à voir."""
    visibles = "\n".join(visible(une, garde=JOIGNENT).rstrip() for une in texte.splitlines())
    return normale("NFC", visibles).strip() if ligne(texte) else ""


def compact(texte: str) -> str:
    """« k7mp‑2qxv » → « k7mp2qxv » : un numéro ou un code sans espaces, points ni tirets, quels qu'ils soient."""
    return "".join(signe for signe in ligne(texte) if signe not in " .−" and unicodedata.category(signe) != "Pd")


def nommable(texte: str) -> str:
    """Une ligne qui nomme quelqu'un ou quelque chose : une lettre ou un chiffre au moins."""
    if not any(map(str.isalnum, texte)):
        raise ValidationError("« %(texte)s » n'a ni lettre ni chiffre.", code="signes", params={"texte": texte})
    return texte


def visible(texte: str, garde: str = "") -> str:
    """Ce qui se voit, et « garde » ; un blanc ou un signe de commande, quel qu'il soit, devient une espace."""
    if not texte.isprintable():
        texte = "".join(signe if signe in garde else _rendu(signe) for signe in texte)
    return SANS_DESSIN.sub(lambda trouve: trouve[0] if trouve[0] in garde else "", texte)


def _rendu(signe: str) -> str:
    if signe.isprintable():
        return signe
    categorie = unicodedata.category(signe)
    if categorie in {"Cf", "Cs"}:  # sens d'écriture, largeur nulle ; une moitié de signe
        return ""
    return " " if categorie in {"Cc", "Zs", "Zl", "Zp"} else signe


def _est_exposant_ou_fraction(signe: str) -> bool:
    return unicodedata.category(signe) == "No"


def entier(texte: str, maximum: int) -> int | None:
    """Le nombre écrit par ces chiffres, de 0 à maximum ; None sinon. int() tombe au-delà de 4 300, et lit « ٣ »."""
    if not re.fullmatch(r"[0-9]+", texte) or len(texte) > len(str(maximum)):
        return None
    return lu if (lu := int(texte)) <= maximum else None


def luhn(chiffres: str) -> bool:
    total = 0
    for rang, chiffre in enumerate(reversed(chiffres)):
        valeur = int(chiffre) * (1 + rang % 2)
        total += valeur - 9 if valeur > 9 else valeur
    return total % 10 == 0


def cle_juste(siret: str) -> bool:
    """Clé d'un SIRET : Luhn sur le SIREN et sur le tout. La Poste a aussi sa règle (somme multiple de 5)."""
    if siret == "0" * 14:
        return False  # juste pour Luhn, mais ce n'est le numéro de personne
    if siret.startswith(SIREN_LA_POSTE):
        return luhn(siret) or sum(map(int, siret)) % 5 == 0
    return luhn(siret[:9]) and luhn(siret)


def siret(texte: str) -> str:
    """« 732 829 320 00074 » → « 73282932000074 ». Refuse longueur, signes, clé fausse, chaque cas avec sa phrase."""
    chiffres = compact(texte)
    if not re.fullmatch(r"[0-9]*", chiffres):
        raise ValidationError("Un numéro de SIRET ne contient que des chiffres.", code="signes")
    if len(chiffres) == 9:
        raise ValidationError(
            "Ce numéro a 9 chiffres : c'est un SIREN. Il faut le SIRET de l'établissement, 14 chiffres.", code="siren"
        )
    if len(chiffres) != 14:
        raise ValidationError(
            "Ce numéro a %(n)d chiffre%(s)s, il en faut 14.",
            code="longueur",
            params={"n": len(chiffres), "s": "s" if len(chiffres) > 1 else ""},
        )
    if not cle_juste(chiffres):
        raise ValidationError(
            "Ce numéro contient une faute de frappe : sa clé de contrôle ne correspond pas. Vérifiez chaque chiffre.",
            code="cle",
        )
    return chiffres


def siret_lisible(chiffres: str) -> str:
    return f"{chiffres[:3]} {chiffres[3:6]} {chiffres[6:9]} {chiffres[9:]}" if len(chiffres) == 14 else chiffres


# 971 à 978 outre-mer, 980 Monaco, 984 Terres australes, 986 à 988 Pacifique ; 00, 96, 99 n'existent pas.
CODES_POSTAUX = re.compile(r"(?!00|96|97|98|99)[0-9]{5}|97[1-8][0-9]{2}|98[04678][0-9]{2}")


CODE_POSTAL_ETRANGER = re.compile(r"[0-9A-Z][0-9A-Z -]{0,10}[0-9A-Z]")


def code_postal(texte: str, *, pays: str = "") -> str:
    """« 20 090 » → « 20090 », « 92158 Paris La Défense Cedex » → « 92158 ». pays : vide en France.

    En France, cinq chiffres et un département connu (Corse 20, outre-mer 97 et 98, Monaco, Cedex compris). Ailleurs,
    le code du pays, en majuscules.
    """
    if pays:
        return _code_postal_etranger(ligne(texte))
    chiffres = compact(texte)
    if re.search("c[eé]dex", chiffres, re.IGNORECASE):
        chiffres = chiffres[: len(chiffres) - len(chiffres.lstrip("0123456789"))]
    if not re.fullmatch(r"[0-9]{5}", chiffres):
        raise ValidationError(
            "En France, un code postal a 5 chiffres. Exemple : 75011. Hors de France, remplissez aussi le pays.",
            code="code_postal",
        )
    if not CODES_POSTAUX.fullmatch(chiffres):
        raise ValidationError("Ce code postal n'existe pas en France. Exemple : 75011.", code="code_postal")
    return chiffres


def _code_postal_etranger(signes: str) -> str:
    code = "".join("-" if unicodedata.category(signe) == "Pd" else signe for signe in signes).upper()
    if not CODE_POSTAL_ETRANGER.fullmatch(code):
        raise ValidationError(
            "Un code postal a de 2 à 12 lettres ou chiffres. Laissez ce champ vide si le pays n'en a pas.",
            code="code_postal",
        )
    return code


# Ce que l'on écrit pour dire « ici » : l'adresse y a un code postal français.
EN_FRANCE = frozenset(
    {
        "france", "la france", "fr", "france metropolitaine", "guadeloupe", "martinique", "guyane", "guyane francaise",
        "la reunion", "reunion", "mayotte", "saint pierre et miquelon", "saint barthelemy", "saint martin",
        "nouvelle caledonie", "polynesie francaise", "wallis et futuna",
    }
)  # fmt: skip


def pays(texte: str) -> str:
    """Le nom d'un pays, tel qu'il est tapé ; « France » et ses territoires, le cas ordinaire, se lisent vide."""
    nom = "".join("-" if unicodedata.category(signe) == "Pd" else signe for signe in ligne(texte))
    lettres = [signe for signe in nom if signe not in " -'’.,()&/"]
    est_un_nom = lettres and all(unicodedata.category(signe)[0] in "LM" for signe in lettres)
    if nom and not (est_un_nom and all(len(_alphabets(mot)) < 2 for mot in nom.split())):
        raise ValidationError("Écrivez le nom du pays en toutes lettres. Exemple : Allemagne.", code="pays")
    return "" if " ".join(re.findall(r"[a-z]+", sans_accents(nom).casefold())) in EN_FRANCE else nom


class _AdressePublique(EmailValidator):
    """Les formes que la RFC 5321 permet et que personne n'a : elles ne servent qu'à tromper un logiciel."""

    user_regex = re.compile(r"[-!#$%&'*+/=?^_`{}|~0-9a-z]+(?:\.[-!#$%&'*+/=?^_`{}|~0-9a-z]+)*\Z")

    def validate_domain_part(self, domain_part: str) -> bool:
        if domain_part.endswith(".localhost"):  # toujours la machine elle-même (RFC 6761 §6.3)
            return False
        return bool(self.domain_regex.match(domain_part))  # jamais « [1.2.3.4] »


_adresse_publique = _AdressePublique(allowlist=[])


def courriel(texte: str) -> str:
    """Forme normale d'une adresse électronique, en minuscules ; le nom de domaine en ASCII (IDNA 2008, UTS 46).

    « Marie Durand <Marie@exemple.fr>; » → « marie@exemple.fr » ; « contact@boucherie-père.fr » → « contact@xn--… », et
    jamais « boucherie-pere.fr », qui est à un autre. Refuse ce qu'aucune boîte réelle n'a : partie locale entre
    guillemets ou de plus de 64 signes, littéral « [1.2.3.4] », « localhost » et ce qui en finit (RFC 5321 §4.1.2,
    §4.5.3.1.1) ; et une partie locale hors ASCII, que bien des serveurs ne savent pas recevoir (RFC 6531).
    """
    adresse = ligne(texte).strip(" ;,").lower().removeprefix("mailto:").translate(APOSTROPHES)
    if adresse.endswith(">"):  # « Marie Durand <marie@exemple.fr> », ce que copie un logiciel de messagerie
        adresse = adresse[:-1].rpartition("<")[2].strip()
    nom, _, domaine = adresse.rpartition("@")
    if "@" in nom:
        raise ValidationError("Donnez une seule adresse électronique.", code="courriel")
    if len(adresse) > COURRIEL_MAXIMUM or len(nom) > PARTIE_LOCALE_MAXIMUM:
        raise ValidationError(TROP_LONGUE, code="courriel")
    if etranger := next((signe for signe in nom if not signe.isascii()), ""):
        raise ValidationError(
            "Une adresse électronique n'a pas de « %(signe)s » avant le « @ ». Vérifiez-la, ou donnez-en une autre.",
            code="courriel",
            params={"signe": etranger},
        )
    adresse = f"{nom}@{_domaine_ascii(domaine)}"
    if len(adresse) > COURRIEL_MAXIMUM:  # l'écriture IDNA est plus longue
        raise ValidationError(TROP_LONGUE, code="courriel")
    try:
        _adresse_publique(adresse)
    except ValidationError as erreur:
        raise ValidationError(ADRESSE_INCOMPLETE, code="courriel") from erreur
    return adresse


TROP_LONGUE = "Cette adresse électronique est trop longue."
ADRESSE_INCOMPLETE = "Cette adresse électronique est incomplète. Exemple : prenom.nom@entreprise.fr."
APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ", "'"))  # un clavier de téléphone les met à la place de « ' »


def _domaine_ascii(domaine: str) -> str:
    """« boucherie-père.fr » → « xn--boucherie-pre-6gb.fr ». Un mot de deux alphabets est un sosie (T36)."""
    if domaine.isascii() and "xn--" not in domaine:
        return domaine
    try:
        ecrit = idna.encode(domaine, uts46=True).decode()
        mots = idna.decode(ecrit).split(".")
    except idna.IDNAError:
        ecrit, mots = "", []
    est_chiffre_dessine = any(unicodedata.category(signe) == "No" for signe in domaine)  # « exemple².fr » est un autre
    if not ecrit or est_chiffre_dessine or any(len(_alphabets(mot)) > 1 for mot in mots):
        raise ValidationError(
            "« %(domaine)s » n'est pas un nom de domaine possible. Vérifiez ce qui suit le « @ ».",
            code="courriel",
            params={"domaine": domaine},
        )
    return ecrit


# Le japonais et le coréen en mêlent plusieurs, et les chiffres latins : un seul, pour nous.
ECRITURES_MELEES = dict.fromkeys(("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "KATAKANA-HIRAGANA"), "CJK")


def _alphabets(mot: str) -> set[str]:
    """Latin, grec, cyrillique… : le premier mot du nom qu'Unicode donne à chaque lettre."""
    noms = (unicodedata.name(signe, "").partition(" ")[0] for signe in mot if signe.isalpha())
    return {ECRITURES_MELEES.get(nom, nom) for nom in noms}


# Les lettres qu'un nom en « .fr » peut porter (AFNIC) : françaises, et aucune n'a le dessin d'une lettre ASCII.
LETTRES_ACCENTUEES = frozenset("àáâãäåæçèéêëìíîïñòóôõöøùúûüýÿœß")


def courriel_lisible(adresse: str) -> str:
    """« contact@xn--boucherie-pre-6gb.fr » → « contact@boucherie-père.fr », à montrer ; en base, la forme ASCII reste.

    Une seule lettre d'ailleurs, ou qui pourrait passer pour une autre, et l'adresse reste telle quelle (T36).
    """
    nom, arobase, domaine = adresse.rpartition("@")
    if "xn--" not in domaine:
        return adresse
    try:
        lisible = idna.decode(domaine)
    except idna.IDNAError:
        return adresse
    est_sure = all(signe.isascii() or signe in LETTRES_ACCENTUEES for signe in lisible)
    return f"{nom}{arobase}{lisible}" if est_sure else adresse


SANS_POINTS = "gmail.com"  # une seule boîte, où le point ne compte pas
MEME_BOITE = {  # plusieurs domaines, une seule boîte
    "googlemail.com": SANS_POINTS,
    "pm.me": "proton.me",
    "protonmail.ch": "proton.me",
    "protonmail.com": "proton.me",
    "mac.com": "icloud.com",
    "me.com": "icloud.com",
}


def boite(adresse: str) -> str:
    """Pour compter seulement : la boîte où arrive une adresse, sans la casse ni l'étiquette « +… » que l'on varie.

    L'identité reste l'adresse exacte : deux étiquettes sont deux comptes.
    """
    nom, _, domaine = adresse.lower().rpartition("@")
    nom = nom.partition("+")[0] or nom
    domaine = MEME_BOITE.get(domaine, domaine)
    if domaine == SANS_POINTS:
        nom = nom.replace(".", "") or nom
    return f"{nom}@{domaine}"


DOMAINES_FREQUENTS = (
    "gmail.com", "orange.fr", "wanadoo.fr", "free.fr", "sfr.fr", "hotmail.fr", "hotmail.com", "outlook.fr",
    "outlook.com", "yahoo.fr", "yahoo.com", "laposte.net", "live.fr", "icloud.com", "bbox.fr", "neuf.fr", "gmx.fr",
    "proton.me", "protonmail.com", "numericable.fr", "aliceadsl.fr", "me.com",
    # Rares, mais trop proches d'un autre pour être pris pour une faute de frappe.
    "mail.com", "ymail.com", "live.com",
)  # fmt: skip


def courriel_probable(adresse: str) -> str | None:
    """« marie@gmial.com » → « marie@gmail.com » ; None si rien de mieux à proposer."""
    nom, _, domaine = adresse.rpartition("@")
    if not nom or domaine in DOMAINES_FREQUENTS:
        return None
    proches = difflib.get_close_matches(domaine, DOMAINES_FREQUENTS, n=1, cutoff=0.82)
    return f"{nom}@{proches[0]}" if proches else None


def courriel_masque(adresse: str) -> str:
    """« marie.durand@gmail.com » → « m•••••d@g•••l.com » : assez pour se reconnaître, pas pour apprendre."""
    nom, _, domaine = courriel_lisible(adresse).rpartition("@")
    tete, _, suffixe = domaine.rpartition(".")
    return f"{_masquer(nom)}@{_masquer(tete)}.{suffixe}"


def _masquer(mot: str) -> str:
    return f"{mot[0]}•••{mot[-1]}" if len(mot) > 2 else f"{mot[:1]}•••"
