"""Who the students are: the roster, and how it is made from what platforms export."""
