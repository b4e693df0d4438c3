"""Les seuls endroits qui écrivent dans les comptes."""
