"""Promises about whatever arrives, tried with bytes that a fuzzer makes up: ``make fuzz``."""
