"""Une adresse dont le serveur nous refuse est marquée, jamais écartée ; un message qui y est lu lève la marque."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction

from apart.comptes import jetons as lecture
from apart.comptes.actions import jetons
from apart.comptes.models import Jeton, Usage
from apart.courriels.actions import noter_refuse
from apart.courriels.actions.refus import Refus, effacer_les_anciennes, lever, marquer, noter_rebonds
from apart.courriels.models import AdresseRefusee, Courriel, Sort
from tests.boite import Boite
from tests.courriels.conftest import avis, en_file

pytestmark = [pytest.mark.django_db, pytest.mark.jour]
MIDI = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
MARIE = "marie@exemple.fr"


def marque() -> AdresseRefusee:
    return AdresseRefusee.objects.get()


def test_un_refus_marque_l_adresse_et_garde_depuis_quand_combien_et_les_mots_du_serveur(boite: Boite) -> None:
    boite.refuser("550 5.1.1 User unknown")
    with time_machine.travel(MIDI, tick=False) as horloge:
        avis()
        boite.recevoir()
        horloge.shift(timedelta(minutes=2))
        boite.se_calmer()
        boite.refuser("550 5.7.1 Blocked by policy")
        dernier = avis()
        boite.recevoir()
    une = marque()
    assert (une.adresse, une.depuis, une.dernier_le) == (MARIE, MIDI, MIDI + timedelta(minutes=2))
    assert (une.nombre, une.sort, une.reponse) == (2, Sort.REFUSE, "550 5.7.1 Blocked by policy")
    assert une.numero == dernier.numero
    assert (
        une.explication.titre == "Le serveur du destinataire bloque notre message (filtre ou règle de l'entreprise)."
    )


def test_une_adresse_marquee_recoit_encore_ce_qu_on_lui_envoie(boite: Boite) -> None:
    boite.refuser(fois=1)
    avis()
    boite.recevoir()
    avis()
    assert boite.recevoir_une().a == MARIE
    assert marque().nombre == 1, "un message accepté ne dit pas qu'il est lu : la marque reste"


def test_un_rebond_marque_une_fois_l_adresse_du_message(boite: Boite) -> None:
    courriel = avis()
    boite.recevoir()
    assert noter_rebonds([(courriel, "552 5.2.2 mailbox full")]) == {courriel.pk}
    assert noter_rebonds([(courriel, "552 5.2.2 mailbox full")]) == set()
    assert (marque().nombre, marque().sort) == (1, Sort.REBONDI)
    courriel.refresh_from_db()
    assert courriel.sort_le is not None


@pytest.mark.parametrize(
    "reponse",
    [
        "550 5.5.0 [laposte] LPN007_510",
        "554 refused due to DMARC policy",
        "552 5.3.4 too big",
        "Clé secrète changée depuis la mise en file",
        "550 5.7.8 authentication failed",
        "550 5.1.8 sender rejected",
    ],
)
def test_ce_dont_la_faute_est_chez_nous_ne_marque_personne(boite: Boite, reponse: str) -> None:
    noter_refuse(avis(), reponse=reponse)
    assert Courriel.objects.get().sort == Sort.REFUSE
    assert not AdresseRefusee.objects.exists()


def test_ce_qui_attend_ou_n_a_pas_de_reponse_ne_marque_personne(boite: Boite) -> None:
    boite.differer()
    avis()
    boite.recevoir()
    assert not AdresseRefusee.objects.exists()


def test_un_refus_note_deux_fois_ne_compte_qu_une(boite: Boite) -> None:
    courriel = avis()
    noter_refuse(courriel, reponse="550 5.1.1 User unknown")
    noter_refuse(courriel, reponse="550 5.1.1 User unknown")
    assert marque().nombre == 1


def test_plusieurs_refus_d_un_coup_se_comptent_par_adresse() -> None:
    lus = [Refus(avis(a), Sort.REBONDI, f"550 {n}") for n, a in enumerate([MARIE, "paul@exemple.fr", MARIE])]
    marquer(lus)
    marquer([])
    assert dict(AdresseRefusee.objects.values_list("adresse", "nombre")) == {MARIE: 2, "paul@exemple.fr": 1}
    assert AdresseRefusee.objects.get(adresse=MARIE).reponse == "550 2", "les mots du dernier"


def employer(usage: Usage = Usage.MOT_DE_PASSE, *, a: str = MARIE, est_de_secours: bool = False) -> None:
    emis = jetons.emettre(usage, courriel=a, est_de_secours=est_de_secours)
    with transaction.atomic():
        jetons.employer(jetons.verrouiller(usage, emis.secret), freres=Jeton.objects.all())


def test_un_lien_recu_a_cette_adresse_et_employe_leve_sa_marque_et_elle_seule() -> None:
    noter_refuse(avis(), reponse="550 5.1.1 User unknown")
    noter_refuse(avis("paul@exemple.fr"), reponse="550 5.1.1 User unknown")
    emis = jetons.emettre(Usage.MOT_DE_PASSE, courriel=MARIE)
    lecture.lire(Usage.MOT_DE_PASSE, emis.secret)
    assert AdresseRefusee.objects.count() == 2, "lire un lien ne prouve rien : un filtre le suit aussi (T10)"
    employer()
    assert list(AdresseRefusee.objects.values_list("adresse", flat=True)) == ["paul@exemple.fr"]
    assert not lever(MARIE), "rien à lever"


def test_un_jeton_qui_n_est_pas_passe_par_la_messagerie_ne_leve_rien() -> None:
    """Le code de secours n'envoie rien ; le lien d'activation d'un agent se lit aussi sur un terminal."""
    noter_refuse(avis(), reponse="550 5.1.1 User unknown")
    employer(est_de_secours=True)
    employer(Usage.ACTIVATION_AGENT)
    assert marque().nombre == 1


def test_une_marque_s_efface_apres_douze_mois_sans_refus() -> None:
    with time_machine.travel(MIDI, tick=False) as horloge:
        noter_refuse(avis(), reponse="550 5.1.1 User unknown")
        horloge.shift(timedelta(days=365))
        assert effacer_les_anciennes() == 0
        horloge.shift(timedelta(seconds=1))
        assert effacer_les_anciennes() == 1


def test_la_base_n_accepte_qu_un_refus_definitif() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        AdresseRefusee.objects.create(adresse=MARIE, sort=Sort.DIFFERE, reponse="", numero=en_file().numero)
