"""Inviter et affecter des agents, tenir les services."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, cast

from django import forms
from django.db.models import Prefetch
from django.utils import timezone

from apart.administrations.actions.services import SANS_DEPARTEMENT, Contenu
from apart.administrations.droits import Droit, couvre, departements_de
from apart.administrations.models import NATIONALES, Affectation, RoleAgent, Service, SorteService
from apart.comptes.models import Utilisateur
from apart.repertoire.departements import DEPARTEMENTS
from apart.socle.formulaires import ChampCourriel, ChampLigne, ChampLu, ChampTelephone, ChampTexte, Formulaire
from apart.tableaux.champs import ChampDate

LOINTAINE = timedelta(days=10 * 366)


class ChampJour(ChampDate):
    """Un jour, à la date de Paris, dans les dix ans : au-delà, l'année est mal tapée."""

    def clean(self, value: Any) -> date | None:
        jour: date | None = super().clean(value)
        if jour and abs(jour - timezone.localdate()) > LOINTAINE:
            raise forms.ValidationError("Cette date est à plus de dix ans d'ici. Voyez l'année.")
        return jour


class ChoixService(forms.ModelChoiceField):
    def __init__(self) -> None:
        super().__init__(
            Service.objects.none(),
            label="Service",
            empty_label="Choisissez un service",
            error_messages={
                "required": "Choisissez le service de l'agent.",
                "invalid_choice": "Ce service est fermé, ou vous n'en gérez pas l'équipe : choisissez-en un autre.",
            },
        )

    def label_from_instance(self, obj: Service) -> str:
        return f"{obj.nom} – {'tout le territoire' if obj.est_national else ', '.join(obj.departements)}"


class ChoixRole(forms.ChoiceField):
    def __init__(self) -> None:
        super().__init__(
            label="Rôle",
            choices=[("", "Choisissez un rôle"), *RoleAgent.choices],
            error_messages={"required": "Choisissez le rôle de l'agent."},
            help_text="La page « Qui peut faire quoi » dit ce que chacun ouvre.",
        )

    def clean(self, value: Any) -> RoleAgent:
        return RoleAgent(super().clean(value))


class DansUnService(Formulaire):
    """Un formulaire qui choisit parmi les services dont cette personne gère l'équipe."""

    def __init__(self, data: Any = None, *, par: Utilisateur, **options: Any) -> None:
        super().__init__(data, **options)
        choix = cast(ChoixService, self.fields["service"])
        choix.queryset = Service.objects.ouverts().couverts_par(departements_de(par, Droit.GERER_EQUIPE))


class InvitationAgent(DansUnService):
    nom = ChampLigne(label="Nom", max_length=80, error_messages={"required": "Indiquez le nom de l'agent."})
    prenom = ChampLigne(label="Prénom", max_length=80, error_messages={"required": "Indiquez le prénom de l'agent."})
    courriel = ChampCourriel(
        label="Adresse électronique professionnelle",
        error_messages={"required": "Indiquez l'adresse électronique de l'agent."},
    )
    service = ChoixService()
    role = ChoixRole()


class AffectationForm(DansUnService):
    service = ChoixService()
    role = ChoixRole()
    du = ChampJour(label="À partir du", manque="Indiquez le premier jour.")
    au = ChampJour(
        label="Premier jour sans cette affectation",
        help_text="Laissez vide si la fin n'est pas connue.",
        required=False,
    )


class FinForm(Formulaire):
    au = ChampJour(
        label="Premier jour sans cette affectation",
        help_text="Aujourd'hui : elle cesse au clic suivant.",
        manque="Indiquez le premier jour sans cette affectation.",
    )


class ChoixSuppleant(forms.ModelChoiceField):
    """Chacun avec ses services ; donne_tout : ce qu'il va recevoir vaut pour tout le territoire."""

    donne_tout = False

    def label_from_instance(self, obj: Utilisateur) -> str:
        siens = [affectation.service for affectation in obj.affectations.all()]
        noms = ", ".join(dict.fromkeys(service.nom for service in siens)) or "sans service en ce moment"
        recoit_plus = self.donne_tout and not any(service.est_national for service in siens)
        return f"{obj} – {noms}{' ; recevra tout le territoire' if recoit_plus else ''}"


class SuppleanceForm(Formulaire):
    suppleant = ChoixSuppleant(
        Utilisateur.objects.none(),
        label="Suppléant",
        empty_label="Choisissez un agent",
        help_text="Il a, pendant l'absence, ce que donne cette affectation.",
        error_messages={
            "required": "Choisissez le suppléant.",
            "invalid_choice": "Cet agent ne peut pas suppléer : choisissez-en un autre.",
        },
    )
    absent_du = ChampJour(label="Absent à partir du", manque="Indiquez le premier jour d'absence.")
    absent_au = ChampJour(label="De retour le", manque="Indiquez le jour du retour.")

    def __init__(self, data: Any = None, *, affectation: Affectation, par: Utilisateur, **options: Any) -> None:
        super().__init__(data, **options)
        choix = cast(ChoixSuppleant, self.fields["suppleant"])
        choix.donne_tout = affectation.service.est_national
        en_cours = Affectation.objects.en_cours(timezone.localdate()).select_related("service")
        autres = Utilisateur.objects.agents_en_etat_d_agir().exclude(pk__in=[affectation.agent_id, par.pk])
        choix.queryset = autres.prefetch_related(Prefetch("affectations", en_cours))


class FacteurForm(Formulaire):
    motif = ChampTexte(
        label="Comment l'avez-vous reconnu ?",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Vu en personne, rappelé à un numéro connu de longue date… Un collègue vous relit.",
        error_messages={"required": "Écrivez comment vous avez reconnu cet agent."},
    )


class ServiceForm(Formulaire):
    """par : qui l'enregistre ; il ne donne que les départements dont il gère l'équipe."""

    nom = ChampLigne(
        label="Nom du service",
        max_length=120,
        help_text="Celui que le public connaît.",
        error_messages={"required": "Indiquez le nom du service."},
    )
    sorte = forms.ChoiceField(
        label="Sorte",
        choices=[("", "Choisissez une sorte"), *SorteService.choices],
        error_messages={"required": "Choisissez la sorte de service."},
    )
    departements = ChampLu(
        label="Départements",
        help_text="Leurs codes, séparés par une espace : 44 85, 2A 2B, 974. Une DDETS ou une DREETS en a toujours ; "
        "laissez vide pour une assistance ou une agence de paiement de tout le territoire.",
        required=False,
        max_length=500,
    )
    adresse = ChampTexte(
        label="Adresse postale",
        required=False,
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Comme sur une enveloppe, une ligne par ligne.",
    )
    signature = ChampTexte(
        label="Bloc de signature",
        required=False,
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Ce qui finit ses lettres : la qualité, puis le nom.",
    )
    courriel = ChampCourriel(label="Adresse électronique", required=False)
    telephone = ChampTelephone(label="N° de téléphone", required=False)

    def __init__(self, data: Any = None, *, par: Utilisateur, **options: Any) -> None:
        super().__init__(data, **options)
        self.par = par
        self.lieux = departements_de(par, Droit.GERER_EQUIPE)
        if self.lieux is not None:
            siens = " ".join(sorted(self.lieux))
            aide = f"Leurs codes, séparés par une espace, parmi ceux dont vous gérez l'équipe : {siens}."
            self.fields["departements"].help_text = aide

    def clean_departements(self) -> tuple[str, ...]:
        codes = self.cleaned_data["departements"].upper().replace(",", " ").split()
        if inconnus := [code for code in codes if code not in DEPARTEMENTS]:
            raise forms.ValidationError(f"« {inconnus[0]} » n'est pas un code de département. Exemples : 01, 2A, 974.")
        return tuple(sorted(set(codes)))

    def clean(self) -> dict[str, Any]:
        lu = super().clean() or self.cleaned_data
        codes = lu.get("departements")
        if codes is None:
            return lu
        if not codes and lu.get("sorte") not in {"", None, *NATIONALES}:
            self.add_error("departements", SANS_DEPARTEMENT)
        elif not couvre(self.par, Droit.GERER_EQUIPE, codes):
            siens = " ".join(sorted(self.lieux or ()))
            self.add_error("departements", f"Indiquez des départements dont vous gérez l'équipe : {siens}.")
        return lu

    @staticmethod
    def de(service: Service) -> dict[str, str]:
        """Ce que la fiche dit déjà, comme on le tape."""
        champs = ("nom", "sorte", "adresse", "signature", "courriel", "telephone")
        return {champ: getattr(service, champ) for champ in champs} | {"departements": " ".join(service.departements)}

    def contenu(self) -> Contenu:
        return Contenu(**self.cleaned_data)
