"""The science of operando pressiometry: tables in, tables out.

Knows numpy, pandas and scipy; knows no screen, server, database, file, clock or environment.
"""
