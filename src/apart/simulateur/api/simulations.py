"""Des groupes reçus en JSON à leurs mois simulés : mêmes noms et mêmes phrases que le formulaire."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, NamedTuple, TypeVar

from apart.regles.simulation import Groupe, Resultat
from apart.simulateur.calcul import nombre_de_mois
from apart.simulateur.saisie import CHAMPS, CHAMPS_PERIODE, SaisieRefusee, lire_groupe, simuler, structurelles_dites
from apart.socle.problemes import Probleme

A = TypeVar("A")
T = TypeVar("T")

GROUPES_PERMIS = 20
MOIS_PERMIS = 240
ANOMALIES_DITES = 100  # chacune pèse plus que ce qui la cause : au-delà, la réponse grossirait quarante fois l'envoi
CONSEILS_PERMIS = 20  # chercher le nom le plus proche coûte : au-delà, c'est un autre document


class Simulee(NamedTuple):
    """Une demande simulée : le résultat de chaque groupe, et si l'on veut le pourquoi de ses montants."""

    resultats: list[Resultat]
    dites: list[bool]  # par groupe : « structurelles » est répondu
    avec_trace: bool


def simuler_la_demande(document: Any) -> Simulee:
    """Lève Probleme (422) avec les champs à revoir (ANOMALIES_DITES au plus), chacun par son pointeur JSON."""
    lecture = _Lecture()
    demande = lecture.exiger_les_champs("", document, ("groupes", "trace")) or {}
    avec_trace = demande.get("trace", True)
    if not isinstance(avec_trace, bool):
        lecture.refuser("trace", "« trace » vaut true ou false.")
    groupes = lecture.groupes(demande.get("groupes"))
    lecture.conclure()
    _exiger_une_duree(groupes)
    resultats = [lecture.essayer(f"groupes/{rang}", simuler, groupe) for rang, groupe in enumerate(groupes)]
    lecture.conclure()
    return Simulee([r for r in resultats if r], [structurelles_dites(g) for g in demande["groupes"]], avec_trace)


def _exiger_une_duree(groupes: Iterable[Groupe]) -> None:
    mois = sum(map(nombre_de_mois, groupes))
    if mois > MOIS_PERMIS:
        detail = f"La demande porte sur {mois} mois, tous groupes ensemble ; il en faut {MOIS_PERMIS} au plus."
        raise Probleme(422, detail, errors=[{"pointer": "#/groupes", "detail": detail}])


@dataclass
class _Lecture:
    """Retient tout ce qui ne va pas, pour le dire en une fois."""

    errors: list[dict[str, str]] = field(default_factory=list)

    def refuser(self, pointeur: str, phrase: str) -> None:
        self.errors.append({"pointer": f"#/{pointeur}" if pointeur else "#", "detail": phrase})

    def conclure(self) -> None:
        if self.errors:
            nombre = len(self.errors)
            detail = "Une réponse est à revoir." if nombre == 1 else f"{nombre} réponses sont à revoir."
            if nombre > ANOMALIES_DITES:
                detail += f" Les {ANOMALIES_DITES} premières sont dites ici, {nombre - ANOMALIES_DITES} sont tues."
            raise Probleme(422, detail, errors=self.errors[:ANOMALIES_DITES])

    def exiger_les_champs(self, ou: str, objet: object, connus: Sequence[str]) -> Mapping[str, Any] | None:
        """Ce document si c'est un objet ; nomme chaque champ inconnu, avec celui qui lui ressemble."""
        if not isinstance(objet, Mapping):
            self.refuser(ou, "Un objet est attendu ici : des noms de champs et leurs valeurs, entre accolades.")
            return None
        for nom in objet:
            if nom not in connus:
                proche = get_close_matches(nom, connus, 1) if len(self.errors) < CONSEILS_PERMIS else []
                conseil = f"Vouliez-vous dire « {proche[0]} » ?" if proche else f"Champs connus : {', '.join(connus)}."
                place = nom[:60].replace("~", "~0").replace("/", "~1")  # RFC 6901
                self.refuser(f"{ou}/{place}".lstrip("/"), f"Le champ « {nom[:60]} » n'existe pas. {conseil}")
        return objet

    def groupes(self, donnees: object) -> list[Groupe]:
        if not isinstance(donnees, list) or not donnees:
            self.refuser("groupes", "Donnez « groupes » : une liste d'au moins un groupe de salariés.")
            return []
        if len(donnees) > GROUPES_PERMIS:
            self.refuser("groupes", f"Une demande a {GROUPES_PERMIS} groupes au plus ; celle-ci en a {len(donnees)}.")
            return []
        lus = [self._groupe(f"groupes/{rang}", groupe) for rang, groupe in enumerate(donnees)]
        return [groupe for groupe in lus if groupe is not None]

    def _groupe(self, ou: str, champs: object) -> Groupe | None:
        lus = self.exiger_les_champs(ou, champs, (*CHAMPS, "periodes"))
        if lus is None:
            return None
        periodes = lus.get("periodes")
        for rang, periode in enumerate(periodes if isinstance(periodes, list) else []):
            if isinstance(periode, Mapping):  # sinon saisie le dit
                self.exiger_les_champs(f"{ou}/periodes/{rang}", periode, CHAMPS_PERIODE)
        return self.essayer(ou, lire_groupe, lus)

    def essayer(self, ou: str, lire: Callable[[A], T], recu: A) -> T | None:
        """Ce qui se lit là, ou rien : « periodes.2.heures » compte à partir de 1, un pointeur JSON à partir de 0."""
        try:
            return lire(recu)
        except SaisieRefusee as refus:
            for faute in refus.fautes:
                parts = [str(int(part) - 1) if part.isdigit() else part for part in faute.champ.split(".")]
                self.refuser("/".join((ou, *parts)), faute.phrase)
            return None
