"""Garde-fou : rien ne part par django.core.mail, tout passe par la file."""

from collections.abc import Sequence
from typing import NoReturn

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class Interdit(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> NoReturn:
        raise RuntimeError("Un message part sans passer par la file courriels.Courriel.")
