"""Screening: rules as data over answers, scores and age; a verdict whose every finding names its source."""
