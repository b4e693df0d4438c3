"""Les reprises d'accès, et les lettres qui en prouvent une."""

from apart.reprises.models.reprise import Raison, Reprise

__all__ = ["Raison", "Reprise"]
