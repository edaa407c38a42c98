"""Carepath: from "can ketamine therapy help me?" to years of safe maintenance."""
