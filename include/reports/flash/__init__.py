"""The monthly flash report: figures of an as-of date, filled into the readers' template or into a workbook of our own."""
