"""Un brouillon lu et simulé : ses résultats, ou ce qui est à revoir, champ par champ."""

from __future__ import annotations

from dataclasses import dataclass, field

from apart.regles.simulation import Groupe, Resultat
from apart.simulateur import saisie
from apart.simulateur.brouillon import GROUPES_PERMIS, LETTRES, Brouillon, Tape
from apart.simulateur.saisie import SaisieRefusee
from apart.tableaux.fautes import Faute

MOIS_PERMIS = 120  # mois de groupes sur une page : au-delà, elle pèserait trop lourd pour un téléphone
VERS_LE_FICHIER = "Au-delà, employez un fichier."


@dataclass(slots=True)
class Calcul:
    """Les résultats de chaque scénario, s'il n'y a aucune faute. « fautes » : identifiant d'un champ → phrases.

    « muets » : les groupes qui ne disent pas ce que sont leurs heures au-delà de 35 h (« a-1 »).
    """

    scenarios: list[list[Resultat]] = field(default_factory=list)
    muets: set[str] = field(default_factory=set)
    fautes: dict[str, list[str]] = field(default_factory=dict)
    generales: list[str] = field(default_factory=list)

    @property
    def est_juste(self) -> bool:
        return not self.fautes and not self.generales


def calculer(brouillon: Brouillon) -> Calcul:
    """Lit et simule tous les groupes."""
    calcul = Calcul()
    if brouillon.en_trop:
        calcul.generales.append(f"Une simulation a {GROUPES_PERMIS} groupes au plus. {VERS_LE_FICHIER}")
    lus = [
        [lu for rang, tape in enumerate(groupes, 1) if (lu := _groupe(tape, f"{lettre}-{rang}", calcul))]
        for lettre, groupes in zip(LETTRES, brouillon.scenarios, strict=False)
    ]
    mois = sum(len(resultat.mois) for groupes in lus for resultat in groupes)
    if mois > MOIS_PERMIS:
        calcul.generales.append(
            f"Cette simulation compte {mois} mois, tous groupes réunis ; la page en montre {MOIS_PERMIS} au plus. "
            f"{VERS_LE_FICHIER}"
        )
    if calcul.est_juste:
        calcul.scenarios = lus
    return calcul


def _groupe(tape: Tape, prefixe: str, calcul: Calcul) -> Resultat | None:
    try:
        groupe = saisie.lire_groupe({**tape.champs, "periodes": tape.periodes})
        if not saisie.structurelles_dites(tape.champs):
            calcul.muets.add(prefixe)
        if nombre_de_mois(groupe) > MOIS_PERMIS:
            raise SaisieRefusee([Faute("periodes", f"Un groupe a {MOIS_PERMIS} mois au plus.")])
        return saisie.simuler(groupe)
    except SaisieRefusee as refus:
        for faute in refus.fautes:
            calcul.fautes.setdefault(f"{prefixe}-{faute.champ.replace('.', '-')}", []).append(faute.phrase)
        return None


def nombre_de_mois(groupe: Groupe) -> int:
    """Les mois civils que ses périodes touchent, sans rien simuler."""
    return sum((p.au.year - p.du.year) * 12 + p.au.month - p.du.month + 1 for p in groupe.periodes)
