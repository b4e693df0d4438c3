"""Ce que défaire laisse encore à un imposteur, ou ôte à un honnête ; du plus grave au moins grave (T18, T19)."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apart.comptes.jetons import JetonRefuse
from apart.comptes.models import Jeton, Usage, Utilisateur
from apart.etablissements.actions import offres, personnes, rejoindre, relever, revue
from apart.etablissements.actions import preuves as preuves_etab
from apart.etablissements.actions.preuves import poser
from apart.etablissements.models import DemandePreuve, Etablissement, Habilitation, MotifRetrait, Preuve, Role
from apart.etablissements.trimestres import trimestre
from apart.reprises.actions import agents, demande, execution, lettres, lots, preuves, releve
from apart.reprises.actions.demande import verrouiller_etablissement
from apart.reprises.etats import EtatReprise
from apart.reprises.file import A_TRAITER, ligne
from apart.reprises.models import Lettre, PieceAttendue, Reprise
from apart.reprises.models.reprise import DUREE_ENTREE
from apart.socle.automate import GesteImpossible
from tests.boite import Boite
from tests.comptes.fabriques import MOT_DE_PASSE, lu
from tests.monde import personne
from tests.reprises.attaques import (
    CODE,
    MARIE,
    X,
    Y,
    acces,
    actif,
    admettre,
    defaire,
    demander_a_entrer,
    imposteur,
    lien,
    paie,
    piece,
    relue,
    simple,
)
from tests.reprises.fabriques import fiche
from tests.reprises.gens import LEA, agent, collegue, reprise
from tests.reprises.test_defaire import attestation

pytestmark = [pytest.mark.django_db, pytest.mark.jour]
PAULA = "paula@boulangerie.fr"
INCONNUE = MotifRetrait.INCONNUE


def principale(ou: Etablissement, courriel: str = "anne@boulangerie.fr", valeur: int = 5) -> Utilisateur:
    """Elle tient le rôle avec Marie : une reprise n'ôte alors l'accès de personne."""
    sienne = simple(ou, courriel, valeur)
    Habilitation.objects.filter(pk=sienne.pk).update(role=Role.PRINCIPAL)
    return sienne.utilisateur


def readmis(ou: Etablissement, qui: Utilisateur, par: Utilisateur) -> Habilitation:
    """L'imposteur le retire, puis le fait rentrer : son accès n'est plus le même."""
    personnes.retirer(acces(qui, ou), par=par, motif=INCONNUE)
    rejoindre.accepter(demander_a_entrer(ou, qui.courriel), par=par)
    return acces(qui, ou)


def par_accord(h: Habilitation, de: Utilisateur) -> DemandePreuve:
    posee = DemandePreuve.objects.create(habilitation=h, niveau=Preuve.MEMBRE)
    relever.approuver(posee, par=de)
    return DemandePreuve.objects.get(pk=posee.pk)


def prend_le_role(ou: Etablissement, marie: Utilisateur) -> tuple[Utilisateur, Reprise]:
    """Plus personne ne tient le rôle ; X, membre, le prend sur une fausse attestation."""
    x = simple(ou, X).utilisateur
    Utilisateur.objects.filter(pk=marie.pk).update(is_active=False)
    fausse = attestation(acces(x, ou))
    offres.prendre(acces(x, ou), par=x)
    return x, fausse


def secret_de(boite: Boite, a: str) -> str:
    return next(m.lien for m in boite.recevoir() if m.a == a).rstrip("/").rpartition("/")[2]


def test_qui_a_repris_par_l_accord_d_une_principale_perd_l_acces_quand_on_le_defait(ou: Etablissement) -> None:
    """Anne, trompée, répond de X, qui devient principal. Deux agents défont : il le reste."""
    anne, x = principale(ou), personne("X", "X", X)
    dossier = reprise(ou, courriel=X)
    preuves.demander_accord(dossier)
    preuves.donner_accord(relue(dossier), par=anne)
    assert relue(dossier).etat == EtatReprise.EXECUTEE
    defaire(relue(dossier))
    assert actif(x, ou) is None


def test_qui_l_imposteur_a_retire_peut_encore_s_opposer(ou: Etablissement, marie: Utilisateur) -> None:
    """Deux principales : X n'en remplace aucune, les retire aussitôt, et leurs liens d'opposition meurent."""
    anne = principale(ou)
    x, faite = imposteur(ou)
    secret = lien(faite, MARIE)
    for elle in (marie, anne):
        personnes.retirer(acces(elle, ou), par=x, motif=INCONNUE)
    with suppress(JetonRefuse):
        execution.s_opposer(secret, texte="Je travaille ici.")
    assert relue(faite).a_lire
    assert not paie(x, ou)


@pytest.mark.parametrize("quand", ["avant", "apres"])
def test_une_opposition_ferme_l_acces_rouvert(ou: Etablissement, quand: str) -> None:
    """Y fait vérifier une fausse attestation sur l'accès que X lui refit : la preuve suit l'ancien, la pause non."""
    anne, y = principale(ou), simple(ou, Y).utilisateur
    x, faite = imposteur(ou)
    fausse = attestation(readmis(ou, y, x))
    secret = lien(fausse, anne.courriel)
    if quand == "avant":
        execution.s_opposer(secret, texte="Y n'est pas d'ici.")
        assert not paie(y, ou)
    defaire(relue(faite))
    if quand == "apres":
        execution.s_opposer(secret, texte="Y n'est pas d'ici.")
    assert relue(fausse).a_lire
    assert not paie(y, ou)


def test_qui_une_principale_a_ote_du_role_depuis_ne_le_retrouve_pas(ou: Etablissement) -> None:
    anne, y = principale(ou), principale(ou, Y, 1)
    _x, faite = imposteur(ou)
    personnes.changer_role(acces(y, ou), role=Role.MEMBRE, par=anne)
    defaire(relue(faite))
    assert acces(y, ou).role == Role.MEMBRE


@pytest.mark.parametrize("geste", ["retire", "quitte"])
def test_qui_est_revenu_puis_reparti_ne_revient_pas(ou: Etablissement, geste: str) -> None:
    """X le retire, Anne le reprend, puis Anne le retire ou il part : défaire rouvre l'accès que X avait fini."""
    anne, y = principale(ou), simple(ou, Y).utilisateur
    x, faite = imposteur(ou)
    personnes.retirer(acces(y, ou), par=x, motif=INCONNUE)
    rejoindre.accepter(demander_a_entrer(ou, Y), par=anne)
    revenu = acces(y, ou)
    personnes.quitter(revenu, par=y) if geste == "quitte" else personnes.retirer(revenu, par=anne, motif=INCONNUE)
    defaire(relue(faite))
    assert actif(y, ou) is None


def test_ni_quand_c_est_une_preuve_que_l_on_defait(ou: Etablissement, marie: Utilisateur) -> None:
    victor = collegue(ou, preuve=Preuve.COURRIEL).utilisateur
    x, fausse = prend_le_role(ou, marie)
    personnes.retirer(acces(victor, ou), par=x, motif=INCONNUE)
    lea = personne("Blanc", "Léa", LEA)
    execution.executer(reprise(ou), Preuve.LETTRE)
    Utilisateur.objects.filter(pk=lea.pk).update(adresse_posee_le=None)
    rejoindre.accepter(demander_a_entrer(ou, victor.courriel), par=lea)
    personnes.retirer(acces(victor, ou), par=lea, motif=INCONNUE)
    defaire(relue(fausse))
    assert actif(victor, ou) is None


def test_une_seconde_reprise_ne_protege_pas_la_premiere(ou: Etablissement) -> None:
    """Un complice reprend au vingt-neuvième jour : la première ne se défait plus, et défaire la seconde rend X."""
    x, premiere = imposteur(ou)
    personne("Y", "Y", Y)
    with time_machine.travel(timezone.now() + timedelta(days=29)):
        agents.proposer_annulation(relue(premiere), motif="Elle est d'ici.", par=agent("Nadia"))
        seconde = reprise(ou, courriel=Y)
        execution.executer(seconde, CODE)
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        defaire(relue(seconde))
        with suppress(GesteImpossible):
            agents.annuler(relue(premiere), par=agent("Omar"))
        assert actif(x, ou) is None


def test_defaite_hier_la_reprise_ne_se_refait_pas_par_le_meme_code(
    ou: Etablissement, marie: Utilisateur, boite: Boite
) -> None:
    """Décision 0020 : la trêve suit une reprise défaite, « refaire la demande ne remet rien en marche »."""
    _x, faite = imposteur(ou)
    defaire(relue(faite))
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        retour = reprise(ou, courriel=X)
        boite.recevoir()
        with suppress(PermissionDenied):
            preuves.envoyer_code(retour)
            preuves.employer_code(relue(retour), next(m.code for m in boite.recevoir() if m.a == ou.courriel))
        assert acces(marie, ou).role == Role.PRINCIPAL


def test_une_preuve_donnee_sur_l_acces_fini_se_defait_encore(ou: Etablissement) -> None:
    anne, y = principale(ou), simple(ou, Y).utilisateur
    x, faite = imposteur(ou)
    accord = par_accord(readmis(ou, y, x), anne)
    defaire(relue(faite))
    assert paie(y, ou)
    with suppress(GesteImpossible):
        relever.defaire(accord, par=anne)
    assert not paie(y, ou)


def test_qui_allait_entrer_recoit_son_lien_et_reste_attendu(ou: Etablissement, boite: Boite) -> None:
    """X avait repris l'accès avant que Léa entre ; elle « retrouve son lien si elle se défait » (décision 0020)."""
    de_lea = reprise(ou)
    execution.executer(de_lea, Preuve.LETTRE)
    _x, fausse = imposteur(ou)
    boite.recevoir()
    defaire(relue(fausse))
    assert relue(de_lea).attend_l_entree
    assert Jeton.objects.vivants().filter(usage=Usage.ENTREE, courriel=LEA).exists()
    assert Etablissement.objects.get(pk=ou.pk).acces_attendu_jusqu_au is not None


def test_un_role_sans_rapport_avec_la_preuve_defaite_ne_se_rend_pas(ou: Etablissement, marie: Utilisateur) -> None:
    """Anne le tient par offre, sur l'accord de Victor, parti depuis. On défait l'attestation d'Y, qui n'y est rien."""
    victor, y, anne = collegue(ou).utilisateur, simple(ou, Y), simple(ou, "anne@boulangerie.fr")
    Utilisateur.objects.filter(pk=marie.pk).update(is_active=False)
    Habilitation.objects.filter(pk=anne.pk).update(du=timezone.now() - timedelta(days=9))
    poser(anne, Preuve.MEMBRE, accord_de=victor)
    fausse = attestation(y)
    offres.tenir()
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        offres.tenir()
        paula = admettre(ou, anne.utilisateur, PAULA)
        personnes.quitter(acces(victor, ou), par=victor)
        assert acces(anne.utilisateur, ou).role == Role.PRINCIPAL

        defaire(relue(fausse))
    assert (acces(anne.utilisateur, ou).role, actif(paula, ou) is not None) == (Role.PRINCIPAL, True)


def test_qui_a_recu_la_main_d_une_principale_d_avant_la_garde(ou: Etablissement, marie: Utilisateur) -> None:
    """Anne la passe à Victor et part, Marie aussi : défaire laisse l'établissement sans personne pour décider."""
    anne, victor = principale(ou), collegue(ou).utilisateur
    _x, faite = imposteur(ou)
    personnes.passer_la_main(acces(victor, ou), par=anne, puis=personnes.Suite.QUITTER)
    personnes.quitter(acces(marie, ou), par=marie)
    defaire(relue(faite))
    assert Habilitation.objects.principales().filter(etablissement=ou).exists()


def test_qui_une_principale_partie_avant_avait_admise_ne_sort_pas(ou: Etablissement, boite: Boite) -> None:
    """Zoé accueille Paula, puis part ; Paula ouvre son lien pendant que X tient le rôle."""
    zoe = principale(ou, "zoe@boulangerie.fr")
    rejoindre.accepter(demander_a_entrer(ou, PAULA), par=zoe)
    personnes.quitter(acces(zoe, ou), par=zoe)
    secret = secret_de(boite, PAULA)
    _x, faite = imposteur(ou)
    paula = rejoindre.entrer(secret, mot_de_passe=MOT_DE_PASSE).utilisateur
    defaire(relue(faite))
    assert actif(paula, ou) is not None


def test_qui_marie_avait_admise_ne_sort_pas_parce_que_x_en_a_repondu_ensuite(
    ou: Etablissement, marie: Utilisateur, boite: Boite
) -> None:
    Habilitation.objects.filter(utilisateur=marie).update(preuve=1, valeur=1)
    rejoindre.accepter(demander_a_entrer(ou, PAULA), par=marie)
    secret = secret_de(boite, PAULA)
    x, fausse = prend_le_role(ou, marie)
    paula = rejoindre.entrer(secret, mot_de_passe=MOT_DE_PASSE).utilisateur
    par_accord(acces(paula, ou), x)
    defaire(relue(fausse))
    assert actif(paula, ou) is not None


@pytest.mark.parametrize("comment", ["reprise", "attestation"])
def test_la_preuve_que_l_imposteur_a_defaite_revient(ou: Etablissement, marie: Utilisateur, comment: str) -> None:
    victor = simple(ou, "v@boulangerie.fr").utilisateur
    code = DemandePreuve.objects.create(habilitation=acces(victor, ou), niveau=CODE)
    relever._relever(code, preuves_etab.tenir(acces(victor, ou)), par=victor)
    x, faite = imposteur(ou) if comment == "reprise" else prend_le_role(ou, marie)
    relever.defaire(DemandePreuve.objects.get(), par=x)
    assert not paie(victor, ou)
    defaire(relue(faite))
    assert paie(victor, ou)


def test_le_role_qu_un_role_pris_a_change_revient(ou: Etablissement, marie: Utilisateur) -> None:
    """Tiers, Victor ne répond plus d'aucune reprise, et le rôle ne s'offrira plus à lui."""
    victor = collegue(ou, preuve=Preuve.COURRIEL).utilisateur
    x, fausse = prend_le_role(ou, marie)
    personnes.changer_role(acces(victor, ou), role=Role.TIERS, par=x)
    defaire(relue(fausse))
    assert acces(victor, ou).role == Role.MEMBRE


@pytest.mark.parametrize("quoi", ["attestation", "lettre"])
def test_la_preuve_que_l_on_attend_suit_l_acces_rouvert(ou: Etablissement, quoi: str) -> None:
    fiche()
    victor = simple(ou, "v@boulangerie.fr").utilisateur
    x, faite = imposteur(ou)
    refait = readmis(ou, victor, x)
    if quoi == "lettre":
        lettre = lettres.ecrire(etablissement=ou, par=victor, pour_habilitation=refait)
        defaire(relue(faite))
        lettres.achever()
        assert Lettre.objects.get(pk=lettre.pk).est_vivante
        return
    releve.demander(refait, par=victor)
    dossier = Reprise.objects.get(est_releve=True)
    piece(dossier, PieceAttendue.ATTESTATION, PieceAttendue.IDENTITE)
    defaire(relue(faite))
    agents.proposer(relue(dossier), motif="Concordent.", par=agent("Nadia"))
    with suppress(GesteImpossible):
        agents.approuver(relue(dossier), par=agent("Omar"))
    assert acces(victor, ou).valeur == Preuve.REPRESENTANT


def test_la_reprise_d_un_imposteur_ne_ferme_pas_la_lettre_de_l_honnete(ou: Etablissement) -> None:
    """Celle de Léa, imprimée, meurt avec sa demande ; on défait X, et il ne lui en part pas d'autre."""
    fiche()
    preuves.demander_lettre(reprise(ou))
    lots.imprimer_lot(par=agent("Nadia"))
    _x, faite = imposteur(ou)
    defaire(relue(faite))
    assert lettres.pourquoi_pas(reprise(ou)) == ""


def test_le_refus_de_l_imposteur_ne_tient_plus_une_fois_defait(ou: Etablissement) -> None:
    victor = collegue(ou, preuve=Preuve.COURRIEL).utilisateur
    x, faite = imposteur(ou)
    relever.demander(acces(victor, ou), Preuve.MEMBRE, par=victor)
    relever.refuser(DemandePreuve.objects.get(), par=x)
    defaire(relue(faite))
    with suppress(relever.PreuveRefusee):
        relever.demander(acces(victor, ou), Preuve.MEMBRE, par=victor)
    assert DemandePreuve.objects.ouvertes().exists()


def test_la_revue_qu_a_faite_l_imposteur_reste_a_faire(ou: Etablissement, marie: Utilisateur) -> None:
    collegue(ou)
    Etablissement.objects.filter(pk=ou.pk).update(cree_le=timezone.now() - timedelta(days=200))
    x, faite = imposteur(ou)
    revue.confirmer(list(Habilitation.objects.actives().values_list("pk", flat=True)), par=x)
    defaire(relue(faite))
    assert Habilitation.objects.a_revoir(trimestre(timezone.localdate())).filter(utilisateur=marie).exists()


def test_une_lettre_demandee_a_l_instant_empeche_l_abandon_de_la_nuit(
    ou: Etablissement, monkeypatch: pytest.MonkeyPatch
) -> None:
    """La liste de la nuit est lue avant le verrou ; la lettre, elle, ne change pas l'état."""
    fiche()
    dossier = reprise(ou)
    Reprise.objects.filter(pk=dossier.pk).update(confirmee_le=timezone.now() - timedelta(days=31))

    def passer_devant(celle_ci: Reprise) -> Any:
        monkeypatch.undo()
        preuves.demander_lettre(relue(dossier))
        return verrouiller_etablissement(celle_ci)

    monkeypatch.setattr(demande, "verrouiller_etablissement", passer_devant)
    demande.expirer()
    assert relue(dossier).est_ouverte


def test_qui_etait_membre_avant_sa_reprise_defaite_ne_lit_pas_qu_il_n_a_plus_acces(
    ou: Etablissement, boite: Boite
) -> None:
    victor = collegue(ou).utilisateur
    faite = reprise(ou, courriel=victor.courriel)
    execution.executer(faite, CODE)
    boite.recevoir()
    defaire(relue(faite))
    assert actif(victor, ou) is not None
    (dit,) = [m.texte for m in boite.recevoir() if m.a == victor.courriel and faite.numero in m.objet]
    assert "n'y avez plus accès" not in dit.replace("’", "'").replace("\n", " ")


def test_le_lien_d_entree_renvoye_ne_promet_pas_plus_que_les_sept_jours(ou: Etablissement, boite: Boite) -> None:
    """Léa a jusqu'au septième jour ; le lien renvoyé le sixième dit « jusqu'au » treizième."""
    de_lea = reprise(ou)
    execution.executer(de_lea, Preuve.LETTRE)
    secret = secret_de(boite, LEA)
    with time_machine.travel(timezone.now() + timedelta(days=6)):
        execution.renouveler_entree(secret)
    renvoye = Jeton.objects.filter(usage=Usage.ENTREE, courriel=LEA).latest("emis_le")
    assert renvoye.expire_le <= (relue(de_lea).executee_le or timezone.now()) + DUREE_ENTREE


@pytest.mark.parametrize("ensuite", ["rien", "une autre reprise"])
def test_la_file_ne_demande_que_ce_qu_un_agent_peut_faire(ou: Etablissement, client: Client, ensuite: str) -> None:
    """« Défaire, ou non » : aucun geste ne dit non ; et sous une autre reprise, il n'y a plus de geste du tout."""
    _x, faite = imposteur(ou)
    agents.proposer_annulation(relue(faite), motif="m", par=agent("Nadia"))
    if ensuite != "rien":
        execution.executer(reprise(ou), Preuve.LETTRE)
    client.force_login(agent("Omar"))
    page = lu(client.get(reverse("reprises-dossier", args=[faite.pk])))
    gestes = set(re.findall(rf'action="/agents/reprises/{faite.pk}/([a-z-]+)"', page))
    for attend in Reprise.objects.a_traiter().filter(pk=faite.pk):
        assert ligne(attend, A_TRAITER).a_faire != "Défaire, ou non" or gestes > {"annuler"}
