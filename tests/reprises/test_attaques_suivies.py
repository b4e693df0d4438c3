"""Ce qui restait à un imposteur, ou manquait à un honnête, une fois la première attaque réparée (T18, T19)."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from apart.comptes.jetons import JetonRefuse
from apart.comptes.models import Utilisateur
from apart.etablissements.actions import offres, personnes, rejoindre, relever
from apart.etablissements.actions import preuves as preuves_etab
from apart.etablissements.actions.preuves import poser
from apart.etablissements.models import (
    DemandePreuve,
    Etablissement,
    Habilitation,
    MotifRetrait,
    Preuve,
    Role,
)
from apart.etablissements.preuves import peser
from apart.reprises.actions import execution, preuves
from apart.reprises.etats import EtatReprise
from apart.reprises.facons import facons
from apart.reprises.models import Reprise
from apart.reprises.poids import code_vaut_moins
from tests.boite import Boite
from tests.comptes.fabriques import MOT_DE_PASSE
from tests.monde import habiliter, personne
from tests.reprises.attaques import (
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
    relue,
    simple,
)
from tests.reprises.gens import LEA, boulangerie, collegue, reprise, tenir
from tests.reprises.test_defaire import attestation
from tests.reprises.test_verrous import ailleurs

pytestmark = [pytest.mark.django_db, pytest.mark.jour]


def _relu(h: Habilitation) -> Habilitation:
    return Habilitation.objects.get(pk=h.pk)


# L'imposteur chassé revient pendant que l'honnête choisit son mot de passe
@pytest.mark.menace("T19")
def test_t19_l_imposteur_chasse_revient_avant_que_la_personne_ait_choisi_son_mot_de_passe(boite: Boite) -> None:
    ou = boulangerie()
    x = personne("X", "X", X)
    habiliter(x, ou)
    Etablissement.objects.filter(pk=ou.pk).update(courriel="contact@evil.fr", courriel_pose_par=x)
    ou = Etablissement.objects.get(pk=ou.pk)
    de_lea = reprise(ou)  # pas de compte : sept jours pour entrer
    execution.executer(de_lea, Preuve.LETTRE)
    assert relue(de_lea).attend_l_entree
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        retour = reprise(Etablissement.objects.get(pk=ou.pk), courriel="z@gmail.com")
        preuves.envoyer_code(retour)
        code = next(m.code for m in boite.recevoir() if m.a == "contact@evil.fr" and "opposer" not in m.texte)
        preuves.employer_code(relue(retour), code)

        assert relue(retour).etat == EtatReprise.OPPOSABLE
        assert relue(de_lea).attend_l_entree


# Une opposition lue avant que l'on défasse : le complice garde le rôle
def test_un_role_recu_sur_une_preuve_defaite_se_rend_meme_si_une_opposition_l_avait_deja_fait_tomber(
    ou: Etablissement, marie: Utilisateur
) -> None:
    y_h, x_h = simple(ou, Y), simple(ou, X)
    Utilisateur.objects.filter(pk=marie.pk).update(is_active=False)
    fausse = attestation(y_h)
    poser(x_h, Preuve.MEMBRE, accord_de=y_h.utilisateur)
    Habilitation.objects.filter(pk=x_h.pk).update(du=timezone.now() - timedelta(days=9))
    offres.tenir()
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        offres.tenir()
        assert _relu(x_h).role == Role.PRINCIPAL
        victor = collegue(ou)
        execution.s_opposer(lien(fausse, victor.utilisateur.courriel), texte="Y n'est pas d'ici.")
        defaire(relue(fausse))
    assert (_relu(x_h).role, _relu(x_h).valeur) == (Role.MEMBRE, 1)


def test_temoin_sans_opposition_il_se_rend(ou: Etablissement, marie: Utilisateur) -> None:
    y_h, x_h = simple(ou, Y), simple(ou, X)
    Utilisateur.objects.filter(pk=marie.pk).update(is_active=False)
    fausse = attestation(y_h)
    poser(x_h, Preuve.MEMBRE, accord_de=y_h.utilisateur)
    Habilitation.objects.filter(pk=x_h.pk).update(du=timezone.now() - timedelta(days=9))
    offres.tenir()
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        offres.tenir()
        assert _relu(x_h).role == Role.PRINCIPAL
        collegue(ou)
        defaire(relue(fausse))
    assert (_relu(x_h).role, _relu(x_h).valeur) == (Role.MEMBRE, 1)


# L'accord pas encore employé d'un complice que l'imposteur avait promu
def test_l_accord_d_un_complice_promu_ne_fait_plus_entrer(ou: Etablissement, boite: Boite) -> None:
    y = collegue(ou, preuve=Preuve.COURRIEL).utilisateur
    x, faite = imposteur(ou)
    personnes.changer_role(acces(y, ou), role=Role.PRINCIPAL, par=x)
    rejoindre.accepter(demander_a_entrer(ou, "z@evil.fr"), par=y)
    secret = next(m.lien for m in boite.recevoir() if m.a == "z@evil.fr").rstrip("/").rpartition("/")[2]
    defaire(relue(faite))
    assert acces(y, ou).role == Role.MEMBRE
    with suppress(JetonRefuse):
        rejoindre.entrer(secret, mot_de_passe=MOT_DE_PASSE)
    assert not Habilitation.objects.actives().filter(etablissement=ou, utilisateur__courriel="z@evil.fr").exists()


# L'honnête principal par offre perd son rôle quand on défait l'imposteur qui avait retiré son garant
def test_qui_tenait_le_role_par_offre_ne_le_perd_pas_parce_que_l_imposteur_a_retire_son_garant(
    ou: Etablissement, marie: Utilisateur
) -> None:
    garante = collegue(ou)  # Victor, membre, lettre
    anne = simple(ou, "anne@boulangerie.fr")
    poser(anne, Preuve.MEMBRE, accord_de=garante.utilisateur)
    Habilitation.objects.filter(pk=anne.pk).update(
        role=Role.PRINCIPAL, role_pris_le=timezone.now() - timedelta(days=60)
    )
    x, faite = imposteur(ou)  # deux principaux : personne ne sort
    personnes.retirer(_relu(garante), par=x, motif=MotifRetrait.INCONNUE)
    assert _relu(anne).role == Role.PRINCIPAL
    defaire(relue(faite))
    assert _relu(garante).au is None
    assert _relu(anne).valeur == Preuve.MEMBRE
    assert _relu(anne).role == Role.PRINCIPAL


# Un rôle tenu bien avant la preuve défaite
def _role_ancien(ou: Etablissement, marie: Utilisateur) -> tuple[Habilitation, Habilitation, Habilitation, Reprise]:
    """Anne : principale par offre il y a 60 jours (accord de Marie, fermée depuis). Victor retiré il y a 50 jours."""
    anne, victor, paula = simple(ou, "anne@boulangerie.fr"), collegue(ou), simple(ou, "paula@boulangerie.fr")
    poser(anne, Preuve.MEMBRE, accord_de=marie)
    il_y_a = timezone.now() - timedelta(days=60)
    Habilitation.objects.filter(pk=anne.pk).update(role=Role.PRINCIPAL, role_pris_le=il_y_a)
    personnes.retirer(acces(marie, ou), par=anne.utilisateur, motif=MotifRetrait.DEPART)
    personnes.retirer(victor, par=anne.utilisateur, motif=MotifRetrait.DEPART)
    le = timezone.now() - timedelta(days=50)
    Habilitation.objects.filter(pk__in=[victor.pk]).update(du=le - timedelta(days=9), au=le)
    Habilitation.objects.filter(utilisateur=marie).update(du=le - timedelta(days=9), au=le)
    Habilitation.objects.filter(pk=paula.pk).update(preuve=4, valeur=1, garant=anne.utilisateur, du=le)
    assert (_relu(anne).role, _relu(anne).valeur) == (Role.PRINCIPAL, 1)
    return anne, victor, paula, attestation(_relu(anne))


def test_qui_fut_retire_bien_avant_la_preuve_defaite_ne_revient_pas(ou: Etablissement, marie: Utilisateur) -> None:
    _anne, victor, _paula, fausse = _role_ancien(ou, marie)
    defaire(relue(fausse))
    assert actif(victor.utilisateur, ou) is None


def test_qui_entra_bien_avant_ne_sort_pas(ou: Etablissement, marie: Utilisateur) -> None:
    _anne, _victor, paula, fausse = _role_ancien(ou, marie)
    defaire(relue(fausse))
    assert _relu(paula).au is None


def test_un_role_d_avant_la_preuve_defaite_ne_se_rend_pas(ou: Etablissement, marie: Utilisateur) -> None:
    anne, _victor, _paula, fausse = _role_ancien(ou, marie)
    defaire(relue(fausse))
    assert _relu(anne).role == Role.PRINCIPAL


# Rouvrir l'ancien accès ôte le rôle reçu depuis
def test_qui_est_revenu_et_devenu_principal_ne_redevient_pas_membre(ou: Etablissement, marie: Utilisateur) -> None:
    """Victor (1), membre, retiré par X ; deux agents lui rendent l'accès sur un rappel ; l'attestation se défait."""
    victor, x_h = collegue(ou, preuve=Preuve.COURRIEL), simple(ou, X)
    Utilisateur.objects.filter(pk=marie.pk).update(is_active=False)
    fausse = attestation(x_h)
    offres.prendre(_relu(x_h), par=x_h.utilisateur)
    personnes.retirer(victor, par=x_h.utilisateur, motif=MotifRetrait.INCONNUE)
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        faite = reprise(ou, courriel=victor.utilisateur.courriel)
        execution.executer(faite, Preuve.COURRIEL)  # Victor reprend l'accès : X sort
        assert acces(victor.utilisateur, ou).role == Role.PRINCIPAL
        assert actif(x_h.utilisateur, ou) is None
        defaire(relue(fausse))
        assert acces(victor.utilisateur, ou).role == Role.PRINCIPAL


# Défaire ôte ceux qu'une principale honnête a fait entrer
def test_qui_une_principale_d_avant_a_fait_entrer_ne_sort_pas_avec_l_imposteur(
    ou: Etablissement, marie: Utilisateur
) -> None:
    anne = simple(ou, "anne@boulangerie.fr", 5)
    Habilitation.objects.filter(pk=anne.pk).update(role=Role.PRINCIPAL)
    _x, faite = imposteur(ou)  # deux principales : aucune ne sort
    nouvelle = admettre(ou, anne.utilisateur, "salariee@boulangerie.fr")
    defaire(relue(faite))
    assert actif(nouvelle, ou) is not None


def test_qui_est_parti_puis_readmis_par_une_principale_d_avant_ne_sort_pas(
    ou: Etablissement, marie: Utilisateur
) -> None:
    anne = simple(ou, "anne@boulangerie.fr", 5)
    Habilitation.objects.filter(pk=anne.pk).update(role=Role.PRINCIPAL)
    victor = collegue(ou)
    _x, faite = imposteur(ou)
    personnes.quitter(victor, par=victor.utilisateur)
    rejoindre.accepter(demander_a_entrer(ou, victor.utilisateur.courriel), par=anne.utilisateur)
    defaire(relue(faite))
    assert actif(victor.utilisateur, ou) is not None


# Une preuve qui dort ne se défait pas
def test_une_preuve_qui_ne_compte_plus_aujourd_hui_se_defait_encore(ou: Etablissement, marie: Utilisateur) -> None:
    """X : le code (3), puis l'accord d'Y (4). Marie veut défaire le code ; Y part ; le code revient."""
    y_h, x_h = simple(ou, Y, 5), simple(ou, X)
    code = DemandePreuve.objects.create(habilitation=x_h, niveau=Preuve.COURRIEL_ETABLISSEMENT)
    relever._relever(code, preuves_etab.tenir(x_h), par=x_h.utilisateur)
    accord = DemandePreuve.objects.create(habilitation=x_h, niveau=Preuve.MEMBRE)
    relever.approuver(accord, par=y_h.utilisateur)
    with suppress(relever.PreuveRefusee):
        relever.defaire(DemandePreuve.objects.get(pk=code.pk), par=marie)
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        personnes.quitter(_relu(y_h), par=y_h.utilisateur)
        assert not _relu(x_h).permet_paiement


# Le complice admis par un rôle pris, dont la preuve repose depuis sur une autre
def test_qui_est_entre_par_un_role_pris_sort_meme_si_sa_preuve_repose_ailleurs(
    ou: Etablissement, marie: Utilisateur
) -> None:
    x_h = simple(ou, X)
    victor = collegue(ou, preuve=Preuve.COURRIEL)
    Utilisateur.objects.filter(pk=marie.pk).update(is_active=False)
    fausse = attestation(x_h)
    offres.prendre(_relu(x_h), par=x_h.utilisateur)
    y = admettre(ou, x_h.utilisateur)
    execution.s_opposer(lien(fausse, victor.utilisateur.courriel), texte="Non.")
    poser(acces(y, ou), Preuve.COURRIEL_ETABLISSEMENT)  # la contestation l'a mis à 1 ; l'adresse vaut 5 (Marie)
    defaire(relue(fausse))
    assert actif(y, ou) is None


# Une lettre donnée depuis ne rouvre pas le versement fermé par l'opposition à un autre
def test_qui_a_donne_une_lettre_depuis_n_est_plus_fermee_par_l_opposition_a_un_autre(
    ou: Etablissement, marie: Utilisateur
) -> None:
    _x, premiere = imposteur(ou)
    execution.s_opposer(lien(premiere, MARIE), texte="Je travaille ici.")
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        lea = personne("Blanc", "Léa", LEA)
        seconde = reprise(ou)
        execution.executer(seconde, Preuve.COURRIEL_ETABLISSEMENT)
        assert not acces(lea, ou).permet_paiement
        poser(acces(lea, ou), Preuve.LETTRE, par=lea)
        from apart.reprises.actions import contestations

        contestations.accorder(ou)
        assert acces(lea, ou).permet_paiement


# De même par l'accord d'un complice
def test_l_accord_d_un_complice_ne_passe_pas_devant_qui_va_entrer_par_lettre(boite: Boite) -> None:
    ou = boulangerie()
    x, y = personne("X", "X", X), personne("Y", "Y", Y)
    habiliter(x, ou), habiliter(y, ou)  # deux principaux à un (1) : la reprise de Léa n'en ôte aucun
    de_lea = reprise(ou)
    execution.executer(de_lea, Preuve.LETTRE)
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        retour = reprise(ou, courriel="z@gmail.com")
        preuves.demander_accord(retour)
        preuves.donner_accord(relue(retour), par=x)
        assert relue(de_lea).attend_l_entree
        assert relue(retour).etat == EtatReprise.OPPOSABLE


# L'ancien accès rouvert, dont le garant est parti, fait perdre la preuve donnée depuis
def test_l_acces_rouvert_ne_vaut_pas_moins_que_celui_qu_il_remplace(ou: Etablissement, marie: Utilisateur) -> None:
    garante, victor = simple(ou, "g@boulangerie.fr", 5), simple(ou, "v@boulangerie.fr")
    anne = simple(ou, "anne@boulangerie.fr")
    Habilitation.objects.filter(pk=anne.pk).update(role=Role.PRINCIPAL)
    poser(victor, Preuve.MEMBRE, accord_de=garante.utilisateur)
    x, faite = imposteur(ou)  # Marie et Anne principales : personne ne sort
    personnes.retirer(_relu(victor), par=x, motif=MotifRetrait.INCONNUE)
    personnes.quitter(_relu(garante), par=garante.utilisateur)
    rejoindre.accepter(demander_a_entrer(ou, "v@boulangerie.fr"), par=anne.utilisateur)
    poser(acces(victor.utilisateur, ou), Preuve.COURRIEL_ETABLISSEMENT)
    assert acces(victor.utilisateur, ou).permet_paiement
    defaire(relue(faite))
    assert acces(victor.utilisateur, ou).permet_paiement


# Un principal contesté défait encore la preuve des autres
def test_un_principal_conteste_ne_defait_pas_la_preuve_d_un_autre(ou: Etablissement, marie: Utilisateur) -> None:
    victor = collegue(ou, preuve=Preuve.COURRIEL)
    code = DemandePreuve.objects.create(habilitation=victor, niveau=Preuve.COURRIEL_ETABLISSEMENT)
    relever._relever(code, preuves_etab.tenir(victor), par=victor.utilisateur)
    x, faite = imposteur(ou)
    execution.s_opposer(lien(faite, MARIE), texte="Je travaille ici.")
    assert acces(x, ou).contestee_le is not None
    with suppress(PermissionDenied):
        relever.defaire(DemandePreuve.objects.get(pk=code.pk), par=x)
    assert _relu(victor).permet_paiement


#
def test_qui_defaire_rouvre_est_verrouille_d_abord(ou: Etablissement, marie: Utilisateur) -> None:
    from apart.reprises.actions import verrous

    _anne, victor, _paula, fausse = _role_ancien(ou, marie)
    verrouillees = set(verrous._concernees(relue(fausse)).values_list("pk", flat=True))
    defaire(relue(fausse))
    assert actif(victor.utilisateur, ou) is None or victor.utilisateur_id in verrouillees


# Défait par deux agents, il recommence le lendemain par le même complice, aussitôt
def test_une_reprise_defaite_par_deux_agents_ne_se_refait_pas_seule_le_lendemain(
    ou: Etablissement, marie: Utilisateur
) -> None:
    victor = collegue(ou)
    personne("X", "X", X)
    premiere = reprise(ou, courriel=X)
    preuves.demander_accord(premiere)
    preuves.donner_accord(relue(premiere), par=victor.utilisateur)
    assert relue(premiere).etat == EtatReprise.EXECUTEE
    defaire(relue(premiere))
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        seconde = reprise(ou, courriel=X)
        preuves.demander_accord(seconde)
        with suppress(PermissionDenied):
            preuves.donner_accord(relue(seconde), par=victor.utilisateur)
        assert relue(seconde).etat not in (EtatReprise.EXECUTEE, EtatReprise.OPPOSABLE)
        assert acces(marie, ou).role == Role.PRINCIPAL


# Entrer par une admission ne verrouille pas l'établissement : le garant part au même instant
@pytest.mark.django_db(transaction=True)
def test_le_garant_retire_pendant_que_l_on_entre_ne_laisse_pas_sa_valeur(
    boite: Boite, monkeypatch: pytest.MonkeyPatch
) -> None:
    ou = boulangerie()
    tenir(ou)
    marie = Utilisateur.objects.get(courriel=MARIE)
    x_h = simple(ou, X, 5)
    Habilitation.objects.filter(pk=x_h.pk).update(role=Role.PRINCIPAL)
    rejoindre.accepter(demander_a_entrer(ou, Y), par=x_h.utilisateur)
    secret = next(m.lien for m in boite.recevoir() if m.a == Y).rstrip("/").rpartition("/")[2]

    def retirer() -> None:
        with transaction.atomic(), connection.cursor() as curseur:
            curseur.execute("SET LOCAL lock_timeout = '200ms'")
            personnes.retirer(_relu(x_h), par=marie, motif=MotifRetrait.INCONNUE)

    def peser_puis_retirer(*a: Any, **k: Any) -> Any:
        with pytest.raises(DatabaseError):  # il attend : ce que vaut le garant ne change pas d'ici là
            ailleurs(retirer)
        return peser(*a, **k)

    monkeypatch.setattr("apart.etablissements.actions.rejoindre.peser", peser_puis_retirer)
    entree = rejoindre.entrer(secret, mot_de_passe=MOT_DE_PASSE).habilitation
    assert _relu(entree).permet_paiement

    personnes.retirer(_relu(x_h), par=marie, motif=MotifRetrait.INCONNUE)

    assert not _relu(entree).permet_paiement


# Le code juste, en trêve : la façon est offerte, et le refus dit autre chose
def test_la_facon_du_code_n_est_pas_offerte_quand_il_ne_peut_rien(ou: Etablissement, marie: Utilisateur) -> None:
    collegue(ou)
    Habilitation.objects.filter(utilisateur=marie).update(preuve=1, valeur=1)
    dossier = reprise(ou)
    Reprise.objects.filter(pk=dossier.pk).update(opposee_le=timezone.now(), levee_le=timezone.now())
    dossier = relue(dossier)
    assert code_vaut_moins(dossier)
    assert not preuves.peut_attendre(dossier)
    assert Preuve.COURRIEL_ETABLISSEMENT not in {f.preuve for f in facons(dossier)}
