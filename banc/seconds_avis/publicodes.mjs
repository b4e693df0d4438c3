// Lit des cas sur l'entrée standard ({salaire, travaillees}, euros et heures par mois) ; pour chaque passe, les calcule
// tous et écrit la durée en secondes, puis les résultats de la dernière passe.
import { readFileSync } from 'node:fs'
import { json } from 'modele-social'
import Engine from 'publicodes'

const { cas, passes, date } = JSON.parse(readFileSync(0, 'utf8'))
const muet = { log() {}, warn() {}, error() {} }
const moteur = new Engine(JSON.parse(json), { logger: muet })
const commun = {
  date,
  salarié: 'oui',
  'salarié . contrat': "'CDI'",
  'salarié . contrat . temps de travail . temps partiel': 'non',
  'salarié . activité partielle': 'oui',
}

function calculer({ salaire, travaillees }) {
  moteur.setSituation({
    ...commun,
    'salarié . contrat . salaire brut': `${salaire} €/mois`,
    'salarié . activité partielle . heures travaillées': `${travaillees} heure/mois`,
  })
  const valeur = (regle) => moteur.evaluate(`salarié . activité partielle . ${regle}`).nodeValue
  return [valeur('indemnités . légale . base'), valeur('indemnisation entreprise')]
}

cas.slice(0, 5).forEach(calculer) // à froid, non compté
const durees = []
let resultats
for (let passe = 0; passe < passes; passe++) {
  const debut = performance.now()
  resultats = cas.map(calculer)
  durees.push((performance.now() - debut) / 1000)
}
process.stdout.write(JSON.stringify({ durees, resultats }))
