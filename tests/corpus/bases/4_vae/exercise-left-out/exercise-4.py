# Write your code here, then run this cell.
