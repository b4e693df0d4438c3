"""Ce qu'un navigateur dit tout bas et qu'une personne subit : console, CSP, ressources absentes, styles perdus."""

from __future__ import annotations

from playwright.sync_api import ConsoleMessage, Page, Request, Response

# Chromium écrit une ligne pour tout statut 4xx, même voulu (formulaire refusé, page introuvable) ; les réponses sont
# jugées une par une plus bas.
STATUT_DANS_LA_CONSOLE = "Failed to load resource: the server responded with a status of 4"

STYLES_PERDUS = """() => [...document.querySelectorAll('link[rel="stylesheet"]')]
  .filter((lien) => !lien.sheet || lien.sheet.cssRules.length === 0).map((lien) => lien.href)"""
POLICES_PERDUES = """async () => {
  await document.fonts.ready;
  return [...document.fonts].filter((police) => police.status === "error").map((police) => police.family);
}"""
# Firefox garde pour lui les refus de la CSP : la page les répète dans sa console.
REPETER_LES_REFUS = """document.addEventListener("securitypolicyviolation", (refus) =>
  console.error(`CSP : ${refus.effectiveDirective} a refusé ${refus.blockedURI} (${refus.sample})`));"""
EST_HABILLEE = (
    """() => getComputedStyle(document.documentElement).getPropertyValue("--text-default-grey") !== """ + "''"
)


class Veille:
    """Relève les anomalies d'une page pendant tout un test ; « constats » est vide quand tout va bien."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.constats: list[str] = []
        page.add_init_script(REPETER_LES_REFUS)
        page.on("console", self.sur_console)
        page.on("pageerror", lambda erreur: self.constats.append(f"script : {erreur}"))
        page.on("response", self.sur_reponse)
        page.on("requestfailed", self.sur_abandon)

    def sur_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(STATUT_DANS_LA_CONSOLE):
            self.constats.append(f"console ({message.type}) : {message.text}")

    def sur_reponse(self, reponse: Response) -> None:
        est_page = reponse.request.is_navigation_request()
        if reponse.status >= 500 or (reponse.status >= 400 and not est_page):
            self.constats.append(f"réponse {reponse.status} : {reponse.url}")

    def sur_abandon(self, requete: Request) -> None:
        # Quitter une page abandonne ses ressources en cours : seules une feuille ou une police perdues comptent.
        if requete.resource_type in {"stylesheet", "font"} and "ABORTED" not in (requete.failure or "").upper():
            self.constats.append(f"ressource perdue ({requete.failure}) : {requete.url}")

    def verifier_styles(self) -> None:
        """Feuilles et polices du DSFR bien appliquées à la page affichée."""
        self.constats += [f"feuille de style perdue : {href}" for href in self.page.evaluate(STYLES_PERDUS)]
        self.constats += [f"police perdue : {nom}" for nom in self.page.evaluate(POLICES_PERDUES)]
        if not self.page.evaluate(EST_HABILLEE):
            self.constats.append(f"le DSFR n'habille pas {self.page.url}")
