"""Looks whether a gateway can work where it is, and says what to do about what it cannot."""
