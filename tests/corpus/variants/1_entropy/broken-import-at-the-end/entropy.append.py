import seaborn_of_next_year as sns

sns.lineplot([0, 1])
