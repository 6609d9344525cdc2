"""Takes apart what an upload may be besides delimited text: workbooks, web pages, JSON, archives. Foreign formats are
parsed by a process of their own (`child`), which knows neither the database nor the settings.
"""

from .opening import Table, unpack

__all__ = ["Table", "unpack"]
