# Les commandes d'Apart. « make » seul les énumère.
SHELL := /bin/bash
.DEFAULT_GOAL := aide
.PHONY: aide installer demo test test-webkit banc chaos mutations image tour verifier formater
# Vide vaut le défaut, comme toute variable d'Apart ; « ?= » ne le dirait que d'une absente.
override PORT := $(or $(PORT),8000)
override PYTHON := $(or $(PYTHON),python3)

aide: ## liste les commandes
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 18

installer: ## prépare .venv, avec .venv/bin/apart
	@$(PYTHON) outils/amorcer.py

demo: installer ## démarre tout et affiche l'adresse (PORT=8000)
	@exec .venv/bin/apart demo --port $(PORT)

test: installer ## lance tous les tests, navigateurs compris
	@outils/tester

test-webkit: installer ## joue les cas 1, 2.2 et 3 de la note dans WebKit (Safari)
	@outils/tester-webkit

banc: installer ## mesure nos vitesses à côté de leurs limites
	@.venv/bin/python -m banc

chaos: installer ## tue ce qui écrit et la base, cinquante fois, et compte ce qui manque
	@.venv/bin/python -m banc.chaos

mutations: installer ## casse le code, compte ce que les tests voient (NOMBRE=300 GRAINE=1)
	@NOMBRE="$(NOMBRE)" GRAINE="$(GRAINE)" .venv/bin/python outils/mutations.py $(DOMAINE)

image: installer ## photographie l'accueil pour le README (Chromium)
	@PYTHONPATH=. .venv/bin/python outils/image.py

tour: installer ## photographie chaque page (PAGES=motif NAVIGATEUR=firefox LARGEUR=320 THEME=sombre)
	@PYTHONPATH=. PAGES="$(PAGES)" NAVIGATEUR="$(NAVIGATEUR)" LARGEUR="$(LARGEUR)" THEME="$(THEME)" .venv/bin/python outils/tour.py

verifier: installer ## style, types, contrats, dépendances, réglages
	@outils/verifier

formater: installer ## met le code en forme
	@.venv/bin/ruff check --fix --quiet . && .venv/bin/ruff format --quiet .
