"""Deux comptes d'une même personne, réunis en un : les deux adresses prouvées, l'un reçoit tout, l'autre se ferme."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from apart.comptes.actions import adresse, jetons
from apart.comptes.jetons import JetonRefuse
from apart.comptes.models import ChangementAdresse, Jeton, Session, Usage, Utilisateur
from apart.etablissements.actions import preuves, reunion
from apart.etablissements.actions.reunion import ReunionRefusee
from apart.etablissements.models import (
    Etablissement,
    Fondement,
    Habilitation,
    MotifRetrait,
    Preuve,
    Reunion,
    Role,
)
from apart.socle.models import EntreeJournal
from tests.boite import Boite
from tests.comptes.changement import prouver, recues, secret, taper
from tests.comptes.fabriques import MOT_DE_PASSE, SECRET_TOTP, code_totp, entrer, equiper, est_connecte, lu, personne
from tests.monde import etablissement

pytestmark = [pytest.mark.django_db, pytest.mark.jour]
MIENNE, AUTRE = "marie@boulangerie.fr", "marie@exemple.fr"
REUNIR, CONCLURE = "/compte/reunir/", "/compte/reunion/"


@pytest.fixture
def marie(temps: time_machine.Traveller) -> Utilisateur:
    return personne(MIENNE)


@pytest.fixture
def autre(marie: Utilisateur) -> Utilisateur:
    """Le compte qu'elle a ouvert un jour à une autre adresse."""
    return personne(AUTRE, "un second mot de passe bien long")


@pytest.fixture
def connectee(client: Client, marie: Utilisateur, autre: Utilisateur) -> Client:
    entrer(client, marie.identifiant)
    return client


def ouvert(siret: str = "73282932000074", nom: str = "Boulangerie du Lac") -> Etablissement:
    return etablissement(siret, nom)


def habilite(qui: Utilisateur, ou: Etablissement, role: Role = Role.MEMBRE, **champs: Any) -> Habilitation:
    preuve = champs.pop("preuve", Preuve.COURRIEL)
    valeur = champs.pop("valeur", preuve)
    return Habilitation.objects.create(
        utilisateur=qui, etablissement=ou, role=role, preuve=preuve, valeur=valeur, **champs
    )


def demander(client: Client, boite: Boite, garde: str = "mien", **saisie: str) -> Any:
    """Le lien arrivé à l'autre adresse, puis le mot de passe de l'autre compte."""
    taper(client, AUTRE)
    lien = secret(recues(boite)[AUTRE])
    champs = {"jeton": lien, "etape": "reunir", "actuel": "un second mot de passe bien long", "garde": garde}
    return client.post(REUNIR, champs | saisie, follow=True)


def reunis(un: Utilisateur, autre: Utilisateur, *, garde_l_autre: bool = False) -> Reunion:
    """Les deux gestes, sans les pages."""
    emis = jetons.emettre(Usage.NOUVELLE_ADRESSE, courriel=autre.courriel, utilisateur=un)
    faite = reunion.prouver(emis.secret, garde_l_autre=garde_l_autre, par=un)
    dernier = jetons.emettre(Usage.REUNION, courriel=un.courriel, utilisateur=un)
    faite.jetons.add(dernier.jeton)
    return reunion.reunir(dernier.secret)


@pytest.mark.parametrize("garde", ["mien", "autre"])
def test_marie_reunit_ses_deux_comptes_et_choisit_celui_qui_reste(
    connectee: Client, marie: Utilisateur, autre: Utilisateur, boite: Boite, garde: str
) -> None:
    ici, la = ouvert(), ouvert("35600000000048", "Épicerie du Port")
    habilite(marie, ici, Role.PRINCIPAL)
    habilite(autre, la, Role.PRINCIPAL, preuve=Preuve.LETTRE)
    garde_, ferme = (marie, autre) if garde == "mien" else (autre, marie)
    taper(connectee, AUTRE)
    lettre = recues(boite)[AUTRE]
    prise = lu(prouver(lettre, connectee))
    assert "Cette adresse a déjà un compte" in prise
    assert "Réunir les deux comptes" in prise
    assert "Mot de passe de l'autre compte" in lu(connectee.post(REUNIR, {"jeton": secret(lettre)}, follow=True))

    page = connectee.post(
        REUNIR,
        {"jeton": secret(lettre), "etape": "reunir", "actuel": "un second mot de passe bien long", "garde": garde},
        follow=True,
    )
    assert f"Un dernier lien part à {MIENNE}" in lu(page)
    dernier = recues(boite)[MIENNE]
    assert Utilisateur.objects.filter(is_active=True).count() == 2
    ailleurs = Client()
    assert "se ferme pour de bon" in lu(ailleurs.get(dernier.chemin))
    assert Utilisateur.objects.filter(is_active=True).count() == 2
    page = ailleurs.post(CONCLURE, {"jeton": secret(dernier)}, follow=True)

    assert "Vos deux comptes sont réunis" in lu(page)
    assert set(Etablissement.objects.visibles_par(garde_)) == {ici, la}
    assert Habilitation.objects.get(etablissement=la).valeur == Preuve.LETTRE
    assert not Etablissement.objects.visibles_par(ferme).exists()
    assert not est_connecte(connectee)
    assert not Session.objects.exclude(utilisateur=None).exists()
    assert set(recues(boite)) == {MIENNE, AUTRE}
    gestes = set(EntreeJournal.objects.values_list("geste", flat=True))
    assert {"demander_reunion", "reunir_comptes", "reunir_acces"} <= gestes
    ferme.refresh_from_db()
    assert not ferme.is_active


@pytest.mark.menace("T2")
def test_t2_le_compte_ferme_repond_comme_un_inconnu(marie: Utilisateur, autre: Utilisateur) -> None:
    reunis(marie, autre)

    fermee = entrer(Client(), autre.identifiant, "un second mot de passe bien long")
    inconnue = entrer(Client(), "ZZZZZZZZ", "un second mot de passe bien long")

    assert fermee.status_code == inconnue.status_code
    jeton = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"')
    assert jeton.sub("", lu(fermee)).replace(autre.identifiant, "ZZZZZZZZ") == jeton.sub("", lu(inconnue))


def test_un_meme_etablissement_garde_le_role_et_la_preuve_les_plus_forts(
    marie: Utilisateur, autre: Utilisateur
) -> None:
    ici = ouvert()
    depuis = timezone.now() - timedelta(days=90)
    mienne = habilite(marie, ici, Role.MEMBRE, preuve=Preuve.LETTRE)
    la_sienne = habilite(autre, ici, Role.PRINCIPAL, preuve=Preuve.COURRIEL, du=depuis)

    reunis(marie, autre)

    mienne.refresh_from_db()
    la_sienne.refresh_from_db()
    assert (mienne.role, mienne.preuve, mienne.valeur, mienne.du) == (
        Role.PRINCIPAL,
        Preuve.LETTRE,
        Preuve.LETTRE,
        depuis,
    )
    assert (la_sienne.au, la_sienne.motif_fin) == (timezone.now(), MotifRetrait.REUNION)
    assert la_sienne.finie_par == marie


def test_la_preuve_de_l_autre_compte_suit_et_se_defait_encore(marie: Utilisateur, autre: Utilisateur) -> None:
    ici = ouvert()
    mienne = habilite(marie, ici, Role.PRINCIPAL)
    la_sienne = habilite(autre, ici)
    fondement = preuves.poser(la_sienne, Preuve.LETTRE)

    reunis(marie, autre)

    mienne.refresh_from_db()
    assert mienne.valeur == Preuve.LETTRE
    fondement.refresh_from_db()
    preuves.revenir(fondement, par=None)
    mienne.refresh_from_db()
    assert mienne.valeur == Preuve.COURRIEL


@pytest.mark.menace("T19")
def test_t19_nul_ne_repond_de_soi_meme_par_son_autre_compte(marie: Utilisateur, autre: Utilisateur) -> None:
    """Elle avait accueilli son second compte : réunis, cet accord ne vaut plus rien ; de Luc, elle répond encore."""
    ici = ouvert()
    mienne = habilite(marie, ici, preuve=Preuve.COURRIEL)
    habilite(autre, ici, Role.PRINCIPAL, preuve=Preuve.LETTRE)
    Habilitation.objects.filter(pk=mienne.pk).update(preuve=Preuve.MEMBRE, garant=autre, valeur=Preuve.MEMBRE)
    Fondement.objects.create(habilitation=mienne, preuve=Preuve.MEMBRE, garant=autre)
    luc = habilite(personne("luc@exemple.fr"), ici, preuve=Preuve.MEMBRE, garant=autre, valeur=Preuve.MEMBRE)

    reunis(marie, autre)

    mienne.refresh_from_db()
    luc.refresh_from_db()
    assert (mienne.preuve, mienne.garant) == (Preuve.LETTRE, None)
    assert not Fondement.objects.filter(habilitation=mienne, garant__isnull=False, retire_le=None).exists()
    assert (luc.garant, luc.valeur) == (marie, Preuve.MEMBRE)


@pytest.mark.menace("T19")
def test_t19_deux_comptes_faibles_qui_se_garantissaient_ne_valent_plus_qu_une_messagerie(
    marie: Utilisateur, autre: Utilisateur
) -> None:
    ici = ouvert()
    Etablissement.objects.filter(pk=ici.pk).update(courriel_pose_par=autre, courriel_prouve_le=timezone.now())
    mienne = habilite(marie, ici, Role.PRINCIPAL, preuve=Preuve.COURRIEL_ETABLISSEMENT, garant=autre)

    reunis(marie, autre)

    mienne.refresh_from_db()
    ici.refresh_from_db()
    assert (mienne.preuve, mienne.valeur) == (Preuve.COURRIEL, Preuve.COURRIEL)
    assert ici.courriel_pose_par == marie


# --- Ce qu'il faut prouver ---


def test_le_mot_de_passe_de_l_autre_compte_est_demande(
    connectee: Client, marie: Utilisateur, autre: Utilisateur, boite: Boite
) -> None:
    page = demander(connectee, boite, actuel=MOT_DE_PASSE)

    assert page.status_code == 400
    assert "Ce n'est pas le mot de passe de ce compte" in lu(page)
    assert not Reunion.objects.exists()


def test_et_son_second_facteur_s_il_en_a_un(
    connectee: Client, marie: Utilisateur, autre: Utilisateur, boite: Boite, temps: time_machine.Traveller
) -> None:
    equiper(autre)
    assert "Tapez le code." in lu(demander(connectee, boite))
    assert not Reunion.objects.exists()
    temps.shift(timedelta(minutes=1))
    instant = timezone.now().timestamp()

    demander(connectee, boite, code=code_totp(SECRET_TOTP, instant))

    assert Reunion.objects.exists()


@pytest.mark.menace("T38")
def test_t38_une_session_volee_ne_reunit_rien_sans_la_messagerie_de_la_personne(
    connectee: Client, marie: Utilisateur, autre: Utilisateur, boite: Boite
) -> None:
    """L'intrus prouve son propre compte et le garde : le dernier lien part à la personne, qui ne l'ouvre pas."""
    habilite(marie, ouvert(), Role.PRINCIPAL)

    demander(connectee, boite, garde="autre")

    assert [*recues(boite)] == [MIENNE]
    marie.refresh_from_db()
    assert marie.is_active
    assert Etablissement.objects.visibles_par(marie).exists()


@pytest.mark.menace("T38")
def test_t38_une_adresse_changee_depuis_moins_de_72_heures_ne_reunit_rien(
    marie: Utilisateur, autre: Utilisateur
) -> None:
    """L'intrus ferait fermer le compte avant que l'ancienne adresse ne le reprenne."""
    champs = {"ancienne": "avant@exemple.fr", "nouvelle": MIENNE, "demande_le": timezone.now()}
    ChangementAdresse.objects.create(utilisateur=marie, **champs)

    with pytest.raises(ReunionRefusee, match="moins de 72 heures"):
        reunis(marie, autre)


@pytest.mark.menace("T38")
def test_t38_qui_n_a_pas_demande_le_lien_ne_reunit_rien(
    connectee: Client, marie: Utilisateur, autre: Utilisateur, boite: Boite
) -> None:
    """Sinon un intrus ferait taper à quelqu'un son mot de passe, par un lien de nous, pour lui prendre tout."""
    taper(connectee, AUTRE)
    lien = secret(recues(boite)[AUTRE])
    victime = Client()
    entrer(victime, autre.identifiant, "un second mot de passe bien long")

    page = victime.post(
        REUNIR, {"jeton": lien, "etape": "reunir", "actuel": MOT_DE_PASSE, "garde": "mien"}, follow=True
    )

    assert page.status_code == 403
    with pytest.raises(PermissionDenied):
        reunion.prouver(lien, garde_l_autre=False, par=autre)


@pytest.mark.menace("T11")
def test_t11_le_dernier_lien_ne_vaut_plus_si_un_mot_de_passe_a_change(
    marie: Utilisateur, autre: Utilisateur, boite: Boite
) -> None:
    emis = jetons.emettre(Usage.NOUVELLE_ADRESSE, courriel=AUTRE, utilisateur=marie)
    reunion.prouver(emis.secret, garde_l_autre=False, par=marie)
    dernier = secret(recues(boite)[MIENNE])
    autre.set_password("encore un autre mot de passe")
    autre.save()

    with pytest.raises(JetonRefuse):
        reunion.reunir(dernier)
    assert Client().post(CONCLURE, {"jeton": dernier}).status_code == 410
    assert Client().post(CONCLURE, {"jeton": ""}).status_code == 410


def test_le_dernier_lien_ne_sert_qu_une_fois(marie: Utilisateur, autre: Utilisateur, boite: Boite) -> None:
    emis = jetons.emettre(Usage.NOUVELLE_ADRESSE, courriel=AUTRE, utilisateur=marie)
    reunion.prouver(emis.secret, garde_l_autre=False, par=marie)
    dernier = secret(recues(boite)[MIENNE])
    reunion.reunir(dernier)

    page = Client().post(CONCLURE, {"jeton": dernier})

    assert page.status_code == 410
    assert "Vos deux comptes sont réunis." in lu(page)
    assert not Jeton.objects.vivants().exists()


def test_apres_la_reunion_l_adresse_du_compte_ferme_ne_se_donne_plus(
    marie: Utilisateur, autre: Utilisateur, boite: Boite
) -> None:
    """Elle désigne encore le compte fermé : rien ne s'y ouvre, et elle ne remplace aucune autre."""
    reunis(marie, autre)
    boite.recevoir()
    adresse.demander(marie, courriel=AUTRE, par=marie)

    page = lu(prouver(recues(boite)[AUTRE]))

    assert "Cette adresse a déjà un compte" in page
