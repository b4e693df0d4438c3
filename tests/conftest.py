"""Réglages communs aux tests."""
