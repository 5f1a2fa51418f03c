"""The monthly flash report: figures of an as-of date, in the readers' template or in a workbook of our own."""
