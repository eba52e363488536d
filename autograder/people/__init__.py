"""Who the students are: the roster, and how it is read from what platforms export."""
