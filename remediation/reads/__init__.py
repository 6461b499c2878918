"""Reads that join several tables into what a page or a mail says. They write nothing."""
