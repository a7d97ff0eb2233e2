"""What people see: tiles, records, panels, pages, all from the layers' one declaration."""
