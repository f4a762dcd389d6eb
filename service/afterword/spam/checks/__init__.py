"""Checks: one small file each, named in ``spam.assess.CHECKS``. None knows another."""
