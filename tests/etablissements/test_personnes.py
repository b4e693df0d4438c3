"""Retirer une personne, quitter, changer un rôle, passer la main : l'effet est au prochain clic (T18)."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apart.comptes.actions import jetons
from apart.comptes.models import Jeton, Session, Usage, Utilisateur
from apart.courriels.models import Courriel
from apart.etablissements.actions import personnes, rejoindre, relever
from apart.etablissements.actions.personnes import MainAPasser, Suite
from apart.etablissements.etats import EtatRejoindre
from apart.etablissements.models import DemandeRejoindre, Habilitation, MotifRetrait, Preuve, Role
from apart.socle.models import EntreeJournal
from tests.boite import Boite
from tests.comptes.fabriques import MOT_DE_PASSE, lu
from tests.etablissements.equipe import Equipe
from tests.etablissements.gens import PERSONNES, boulangerie, d_une_ligne, habilite, navigateur, relue
from tests.monde import SIRET, creer_monde, demande_rejoindre, etablissement

pytestmark = [pytest.mark.django_db, pytest.mark.jour, pytest.mark.usefixtures("_hachage_rapide")]
FICHE = f"/etablissements/{SIRET}/"


def retirer(qui: Habilitation, par: Habilitation) -> bool:
    return personnes.retirer(qui, par=par.utilisateur, motif=MotifRetrait.DEPART)


@pytest.mark.menace("T18")
def test_t18_retire_il_perd_l_etablissement_au_clic_suivant_et_garde_les_autres() -> None:
    marie, luc = habilite("Marie", Role.PRINCIPAL), habilite("Luc", Role.PRINCIPAL)
    garage = etablissement("55208131766522", "Garage Petit")
    habilite("Luc", Role.PRINCIPAL, garage)
    client = navigateur(luc)
    assert client.get(FICHE).status_code == 200

    retirer(luc, par=marie)

    for chemin in (FICHE, PERSONNES, f"{PERSONNES}quitter/", f"{PERSONNES}{marie.pk}/retirer/"):
        assert client.get(chemin).status_code in {200, 404}
        assert "Marie" not in lu(client.get(chemin))
    assert client.get(FICHE).status_code == 404
    assert client.post(f"{PERSONNES}{marie.pk}/retirer/", {"motif": "autre"}).status_code == 404
    assert client.get(f"/etablissements/{garage.siret}/").status_code == 200  # sa session vit, pour le reste
    assert Session.objects.ouvertes(luc.utilisateur).exists()


@pytest.mark.menace("T18")
def test_t18_son_lien_de_mot_de_passe_ouvre_encore_ses_autres_etablissements_et_pas_celui_ci() -> None:
    marie, luc = habilite("Marie", Role.PRINCIPAL), habilite("Luc")
    habilite("Luc", Role.PRINCIPAL, etablissement("55208131766522", "Garage Petit"))
    lien = jetons.emettre(Usage.MOT_DE_PASSE, courriel=luc.utilisateur.courriel, utilisateur=luc.utilisateur)
    retirer(luc, par=marie)
    client = Client()

    client.post(
        "/mot-de-passe-oublie/nouveau/",
        {"jeton": lien.secret, "etape": "mot_de_passe", "mot_de_passe": "bocage ardoise tilleul marine"},
    )
    lien.jeton.refresh_from_db()
    client.force_login(Utilisateur.objects.get(pk=luc.utilisateur_id))  # sous son nouveau mot de passe

    assert lien.jeton.employe_le
    assert client.get("/etablissements/55208131766522/").status_code == 200
    assert client.get(FICHE).status_code == 404


@pytest.mark.menace("T18")
def test_t18_ce_qui_l_aurait_fait_revenir_meurt_avec_son_acces() -> None:
    """Un accord donné avant qu'il ait un compte, dont le lien attend dans sa messagerie."""
    monde = creer_monde()
    marie, luc = habilite("Marie", Role.PRINCIPAL), habilite("Luc")
    demande, secret = demande_rejoindre(monde, Usage.ADMISSION)
    ailleurs, garde = demande_rejoindre(monde, Usage.ADMISSION)
    DemandeRejoindre.objects.filter(pk__in=[demande.pk, ailleurs.pk]).update(courriel=luc.utilisateur.courriel)
    DemandeRejoindre.objects.filter(pk=ailleurs.pk).update(etablissement=etablissement("44306184100047", "Ailleurs"))
    Jeton.objects.update(courriel=luc.utilisateur.courriel)

    retirer(luc, par=marie)

    demande.refresh_from_db()
    assert demande.etat == EtatRejoindre.ANNULEE
    vivants = Jeton.objects.vivants().du_secret(secret, Usage.ADMISSION)
    assert not vivants.exists()
    assert Jeton.objects.vivants().du_secret(garde, Usage.ADMISSION).exists()
    assert rejoindre.suite_du_lien(secret).startswith("L'établissement est revenu sur son accord")


@pytest.mark.menace("T18")
def test_t18_le_code_parti_pour_lui_a_l_etablissement_ne_sert_plus() -> None:
    equipe = Equipe()
    luc = equipe.entre("luc@boulangerie.fr")
    relever.demander(luc, Preuve.COURRIEL_ETABLISSEMENT, par=luc.utilisateur)
    assert Jeton.objects.vivants().filter(usage=Usage.PREUVE).exists()

    retirer(luc, par=equipe.marie)

    assert not Jeton.objects.vivants().filter(usage=Usage.PREUVE).exists()


def test_la_personne_et_les_autres_principaux_sont_prevenus(boite: Boite) -> None:
    marie, luc = habilite("Marie", Role.PRINCIPAL), habilite("Luc")
    habilite("Anne", Role.PRINCIPAL)
    habilite("Paul")

    retirer(luc, par=marie)
    lettres = {lettre.a: lettre for lettre in boite.recevoir()}

    assert lettres.keys() == {"luc@boulangerie.fr", "anne@boulangerie.fr"}
    assert "Marie Durand, utilisateur principal, a mis fin à votre accès" in d_une_ligne(lettres["luc@boulangerie.fr"])
    assert "Luc Durand n'a plus accès" in lettres["anne@boulangerie.fr"].objet
    entree = EntreeJournal.objects.get(geste="retirer_personne")
    assert (entree.par, entree.details) == (
        marie.utilisateur,
        {"personne": luc.utilisateur_id, "motif": "depart"},
    )


def test_une_reprise_d_acces_retire_sans_utilisateur_principal_et_laisse_son_avis_le_dire(boite: Boite) -> None:
    """L'avis de la reprise part à chacun, avec de quoi s'y opposer : un second message le ferait oublier."""
    luc = habilite("Luc", Role.PRINCIPAL)
    habilite("Anne", Role.PRINCIPAL)

    assert personnes.retirer(luc, par=None, motif=MotifRetrait.REPRISE)

    assert boite.recevoir() == []
    assert relue(luc).au
    assert EntreeJournal.objects.get(geste="retirer_personne").details["motif"] == "reprise"


def test_la_preuve_de_ceux_qu_elle_garantissait_est_repesee() -> None:
    marie = habilite("Marie", Role.PRINCIPAL, preuve=Preuve.REPRESENTANT)
    anne = habilite("Anne", Role.PRINCIPAL, preuve=Preuve.LETTRE)
    luc = habilite("Luc", preuve=Preuve.MEMBRE, garant=anne.utilisateur)

    retirer(anne, par=marie)

    assert relue(luc).valeur == Preuve.COURRIEL
    assert not relue(luc).permet_paiement


def test_on_ne_retire_ni_soi_meme_ni_ailleurs() -> None:
    marie, luc = habilite("Marie", Role.PRINCIPAL), habilite("Luc")
    victor = habilite("Victor", Role.PRINCIPAL, etablissement("55208131766522", "Garage Petit"))

    for qui, par in ((marie, marie), (luc, victor), (marie, luc)):
        with pytest.raises(PermissionDenied):
            retirer(qui, par=par)
    assert Habilitation.objects.actives().count() == 3


def test_le_dernier_principal_passe_d_abord_la_main() -> None:
    marie, luc = habilite("Marie", Role.PRINCIPAL), habilite("Luc")
    anne = habilite("Anne", Role.PRINCIPAL)
    type(anne.utilisateur).objects.filter(pk=anne.utilisateur_id).update(is_active=False)  # ne compte plus

    with pytest.raises(MainAPasser):
        personnes.quitter(marie, par=marie.utilisateur)
    with pytest.raises(MainAPasser):
        personnes.changer_role(marie, role=Role.MEMBRE, par=marie.utilisateur)
    personnes.passer_la_main(luc, par=marie.utilisateur, puis=Suite.QUITTER)

    assert relue(luc).role == Role.PRINCIPAL
    assert relue(luc).valeur == Preuve.COURRIEL  # le rôle ne vaut pas preuve
    assert relue(marie).au


def test_un_membre_quitte_meme_s_il_n_y_a_plus_d_utilisateur_principal() -> None:
    luc = habilite("Luc")

    assert personnes.quitter(luc, par=luc.utilisateur)
    assert relue(luc).au


def test_passer_la_main_et_devenir_membre_ou_rester() -> None:
    marie, luc, anne = habilite("Marie", Role.PRINCIPAL), habilite("Luc"), habilite("Anne")

    personnes.passer_la_main(luc, par=marie.utilisateur, puis=Suite.RESTER)
    assert relue(marie).role == Role.PRINCIPAL
    personnes.passer_la_main(anne, par=marie.utilisateur, puis=Suite.MEMBRE)

    assert relue(marie).role == Role.MEMBRE
    assert relue(marie).au is None


def test_passer_la_main_ne_choisit_rien_d_avance_et_dit_l_effet_de_chaque_suite() -> None:
    marie, luc = habilite("Marie", Role.PRINCIPAL), habilite("Luc")
    client, page = navigateur(marie), f"{PERSONNES}passer-la-main/"

    avant = lu(client.get(page))
    assert "checked" not in avant
    assert "Vous n'avez plus accès à cet établissement, tout de suite." in avant
    sans_suite = client.post(page, {"personne": luc.pk})
    assert "Choisissez ce que vous devenez ensuite." in lu(sans_suite)
    assert relue(luc).role == Role.MEMBRE

    apres = client.post(page, {"personne": luc.pk, "puis": "quitter"}, follow=True)

    assert "Luc Durand est utilisateur principal." in lu(apres)
    assert "Vous n'avez plus accès à Boulangerie du Lac." in lu(apres)
    assert relue(marie).au


def test_rester_apres_avoir_passe_la_main_ne_dit_pas_qu_on_est_parti() -> None:
    marie, luc = habilite("Marie", Role.PRINCIPAL), habilite("Luc")

    apres = navigateur(marie).post(f"{PERSONNES}passer-la-main/", {"personne": luc.pk, "puis": "rester"}, follow=True)

    assert "Vous n'avez plus accès" not in lu(apres)
    assert "Luc Durand est utilisateur principal." in lu(apres)


def test_retirer_se_fait_en_deux_clics_et_l_effet_est_dit_avant() -> None:
    marie, luc = habilite("Marie", Role.PRINCIPAL), habilite("Luc")
    client = navigateur(marie)

    assert f"{PERSONNES}{luc.pk}/retirer/" in client.get(PERSONNES).content.decode()
    page = lu(client.get(f"{PERSONNES}{luc.pk}/retirer/"))
    assert "s'arrête à son prochain clic" in page
    assert "checked" not in page
    assert "Choisissez une raison" in lu(client.post(f"{PERSONNES}{luc.pk}/retirer/"))
    suite = client.post(f"{PERSONNES}{luc.pk}/retirer/", {"motif": "depart"}, follow=True)

    assert "Luc Durand n'a plus accès à Boulangerie du Lac." in lu(suite)
    assert f"{PERSONNES}{luc.pk}/" not in suite.content.decode()
    encore = client.post(f"{PERSONNES}{luc.pk}/retirer/", {"motif": "depart"}, follow=True)
    assert "Luc Durand n'avait déjà plus cet accès." in lu(encore)
    assert Courriel.objects.filter(modele="acces_retire").count() == 1


def test_un_membre_lit_la_liste_sans_les_boutons() -> None:
    marie, luc = habilite("Marie", Role.PRINCIPAL), habilite("Luc")
    Client().post("/connexion/", {"identifiant": marie.utilisateur.identifiant, "mot_de_passe": MOT_DE_PASSE})

    page = navigateur(luc).get(PERSONNES)

    assert "Marie Durand" in lu(page)
    assert "Aucune connexion connue" in lu(page)  # Luc
    assert "retirer/" not in page.content.decode()
    assert navigateur(luc).get(f"{PERSONNES}{marie.pk}/retirer/").status_code == 404
    assert navigateur(luc).post(f"{PERSONNES}{marie.pk}/role/", {"role": "membre"}).status_code == 404


def test_le_role_du_dernier_principal_ne_s_offre_pas_a_changer() -> None:
    marie, luc = habilite("Marie", Role.PRINCIPAL), habilite("Luc")
    client, le_sien, celui_de_luc = navigateur(marie), f"{PERSONNES}{marie.pk}/role/", f"{PERSONNES}{luc.pk}/role/"

    page = lu(client.get(PERSONNES))
    assert le_sien not in page
    assert "passez d'abord la main" in page
    assert celui_de_luc in page
    assert "Donner ce rôle" not in lu(client.get(le_sien))
    assert "désignez d'abord quelqu'un" in lu(client.get(le_sien))

    habilite("Anne", Role.PRINCIPAL)
    assert le_sien in lu(client.get(PERSONNES))
    assert "Donner ce rôle" in lu(client.get(le_sien))


def test_qui_n_a_encore_rien_fait_lit_que_son_dernier_geste_est_aucun() -> None:
    assert "Dernier geste : aucun" in lu(navigateur(habilite("Marie", Role.PRINCIPAL)).get(PERSONNES))


def test_la_page_ne_coute_pas_plus_avec_cinquante_personnes() -> None:
    client = navigateur(habilite("Marie", Role.PRINCIPAL))
    habilite("Luc")

    def ordres() -> int:
        with CaptureQueriesContext(
            connection,
        ) as lus:
            assert client.get(PERSONNES).status_code == 200
        return len(lus)

    ordres()
    avec_deux, ou = ordres(), boulangerie()
    for rang in range(50):
        habilite(f"Membre{rang}", ou=ou)
    assert ordres() == avec_deux


def test_au_dela_de_cinquante_personnes_la_liste_se_lit_par_pages_et_la_fiche_en_montre_dix() -> None:
    marie = habilite("Marie", Role.PRINCIPAL)
    for rang in range(51):
        habilite(f"Salarie{rang}")
    client = navigateur(marie)

    fiche = lu(client.get(f"/etablissements/{SIRET}/"))
    premiere = client.get(PERSONNES)
    suite = lu(client.get(f"{PERSONNES}?page={premiere.context['page'].suivante}"))

    assert "10 personnes sur 52" in fiche
    assert "Salarie48" in lu(premiere)
    assert "Salarie50" not in lu(premiere)
    assert "Salarie50" in suite
    assert "Page précédente" in suite
