BEGIN TRANSACTION;
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL);
INSERT INTO "alembic_version" VALUES('e43177bfe90b');
CREATE TABLE assignment (
	id VARCHAR(32) NOT NULL, 
	name VARCHAR(128) NOT NULL, 
	duedate DATETIME, 
	course_id VARCHAR(128) NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (name), 
	FOREIGN KEY(course_id) REFERENCES course (id)
);
INSERT INTO "assignment" VALUES('7b6a80ba1fa8449fabb8530d56c371db','3_mutual_information',NULL,'information-theory-for-ml');
CREATE TABLE autograder_decision (
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	who TEXT NOT NULL, 
	"by" TEXT NOT NULL, 
	student TEXT NOT NULL, 
	section TEXT NOT NULL, 
	item TEXT NOT NULL, 
	field TEXT NOT NULL, 
	"before" TEXT, 
	"after" TEXT, 
	suggested TEXT, 
	answer TEXT, 
	PRIMARY KEY (id)
);
INSERT INTO "autograder_decision" VALUES(1,'2026-11-29T08:22:34+00:00','tutor','autograder review','wanda','3_mutual_information','exercise-3-explanation','points',NULL,'1.5','0','7e1aa157b162');
INSERT INTO "autograder_decision" VALUES(2,'2026-11-29T08:22:34+00:00','tutor','autograder review','wanda','3_mutual_information','exercise-3-explanation','comment',NULL,'A good start.','0','7e1aa157b162');
CREATE TABLE base_cell (
	id VARCHAR(32) NOT NULL, 
	name VARCHAR(128) NOT NULL, 
	notebook_id VARCHAR(32) NOT NULL, 
	type VARCHAR(50), 
	PRIMARY KEY (id), 
	UNIQUE (name, notebook_id, type), 
	FOREIGN KEY(notebook_id) REFERENCES notebook (id)
);
INSERT INTO "base_cell" VALUES('5fbfd1a0ac2642d3b191074e6bb3d728','example-3','a54431ea274244bc86115c3792bbfbe1','GradeCell');
INSERT INTO "base_cell" VALUES('38775bb3ffe44723850fa4c4a7e534b1','exercise-3','a54431ea274244bc86115c3792bbfbe1','GradeCell');
INSERT INTO "base_cell" VALUES('74db7405fabe4f6796c8d7cf91375940','exercise-3-explanation','a54431ea274244bc86115c3792bbfbe1','GradeCell');
INSERT INTO "base_cell" VALUES('0d58ffc1ed6f47f3ad71fb581d137922','exercise-3','a54431ea274244bc86115c3792bbfbe1','SolutionCell');
INSERT INTO "base_cell" VALUES('45ed6af5cc01417087fa42f0c7ecd230','exercise-3-explanation','a54431ea274244bc86115c3792bbfbe1','SolutionCell');
CREATE TABLE comment (
	id VARCHAR(32) NOT NULL, 
	notebook_id VARCHAR(32), 
	cell_id VARCHAR(32), 
	auto_comment TEXT, 
	manual_comment TEXT, 
	PRIMARY KEY (id), 
	UNIQUE (cell_id, notebook_id), 
	FOREIGN KEY(notebook_id) REFERENCES submitted_notebook (id), 
	FOREIGN KEY(cell_id) REFERENCES base_cell (id)
);
INSERT INTO "comment" VALUES('bb1a389968de4bb99ffa996a77d79c36','7de0e662225043c2826014711e4c00fe','0d58ffc1ed6f47f3ad71fb581d137922','6 of 6 points.',NULL);
INSERT INTO "comment" VALUES('a8e109610be14283b09b5d7c3f250b14','7de0e662225043c2826014711e4c00fe','45ed6af5cc01417087fa42f0c7ecd230','A person reads this and decides on the points. (answer 66954a5c73e2)',NULL);
INSERT INTO "comment" VALUES('e469cae18a0e4434ad801523eb2f1ab0','f6bd43cd8371475f98aa8dce27114359','0d58ffc1ed6f47f3ad71fb581d137922','6 of 6 points.',NULL);
INSERT INTO "comment" VALUES('40f5a10b950c40a782abbca839af9cb9','f6bd43cd8371475f98aa8dce27114359','45ed6af5cc01417087fa42f0c7ecd230','A person reads this and decides on the points. (answer 7e1aa157b162)','A good start.');
CREATE TABLE course (
	id VARCHAR(128) NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (id)
);
INSERT INTO "course" VALUES('information-theory-for-ml');
INSERT INTO "course" VALUES('default_course');
CREATE TABLE grade (
	id VARCHAR(32) NOT NULL, 
	notebook_id VARCHAR(32), 
	cell_id VARCHAR(32), 
	auto_score FLOAT, 
	manual_score FLOAT, 
	extra_credit FLOAT, 
	needs_manual_grade BOOLEAN NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (cell_id, notebook_id), 
	FOREIGN KEY(notebook_id) REFERENCES submitted_notebook (id), 
	FOREIGN KEY(cell_id) REFERENCES base_cell (id)
);
INSERT INTO "grade" VALUES('45577daa5a4b45a292e9a7a609583646','7de0e662225043c2826014711e4c00fe','5fbfd1a0ac2642d3b191074e6bb3d728',10.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('b2400a203cf24ea986881fa3cff61b4e','7de0e662225043c2826014711e4c00fe','38775bb3ffe44723850fa4c4a7e534b1',6.0,5.0,0.5,0);
INSERT INTO "grade" VALUES('aaf54d0658b04ce2832ca5f1c31e18c7','7de0e662225043c2826014711e4c00fe','74db7405fabe4f6796c8d7cf91375940',NULL,NULL,NULL,1);
INSERT INTO "grade" VALUES('edcc7fe4287b48fdb569ecac2062b826','f6bd43cd8371475f98aa8dce27114359','5fbfd1a0ac2642d3b191074e6bb3d728',10.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('3b7ee189a47a43aeb77f27e935aeade3','f6bd43cd8371475f98aa8dce27114359','38775bb3ffe44723850fa4c4a7e534b1',6.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('1c4ec30ac4904b78afe6c068d86da5dd','f6bd43cd8371475f98aa8dce27114359','74db7405fabe4f6796c8d7cf91375940',NULL,1.5,NULL,0);
CREATE TABLE grade_cells (
	id VARCHAR(32) NOT NULL, 
	max_score FLOAT NOT NULL, 
	cell_type VARCHAR(8) NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(id) REFERENCES base_cell (id)
);
INSERT INTO "grade_cells" VALUES('5fbfd1a0ac2642d3b191074e6bb3d728',10.0,'code');
INSERT INTO "grade_cells" VALUES('38775bb3ffe44723850fa4c4a7e534b1',6.0,'code');
INSERT INTO "grade_cells" VALUES('74db7405fabe4f6796c8d7cf91375940',2.0,'markdown');
CREATE TABLE notebook (
	id VARCHAR(32) NOT NULL, 
	name VARCHAR(128) NOT NULL, 
	assignment_id VARCHAR(32), 
	kernelspec VARCHAR(1024), 
	PRIMARY KEY (id), 
	UNIQUE (name, assignment_id), 
	FOREIGN KEY(assignment_id) REFERENCES assignment (id)
);
INSERT INTO "notebook" VALUES('a54431ea274244bc86115c3792bbfbe1','3_mutual_information','7b6a80ba1fa8449fabb8530d56c371db','{"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}');
CREATE TABLE solution_cells (
	id VARCHAR(32) NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(id) REFERENCES base_cell (id)
);
INSERT INTO "solution_cells" VALUES('0d58ffc1ed6f47f3ad71fb581d137922');
INSERT INTO "solution_cells" VALUES('45ed6af5cc01417087fa42f0c7ecd230');
CREATE TABLE source_cell (
	id VARCHAR(32) NOT NULL, 
	name VARCHAR(128) NOT NULL, 
	cell_type VARCHAR(8) NOT NULL, 
	locked BOOLEAN NOT NULL, 
	source TEXT, 
	checksum VARCHAR(128), 
	notebook_id VARCHAR(32), 
	PRIMARY KEY (id), 
	UNIQUE (name, notebook_id), 
	FOREIGN KEY(notebook_id) REFERENCES notebook (id)
);
INSERT INTO "source_cell" VALUES('146321a7998f4e289013d5672351a6f1','imports','code',1,'import math

import numpy as np','cb543b52d257d8652e07c7a2ec933961','a54431ea274244bc86115c3792bbfbe1');
INSERT INTO "source_cell" VALUES('5419fd701bfc45e1af6a7d83f5cdcc25','module','code',1,'import mutual_information

measures = mutual_information.MutualInformation','c300b34d78be0701d862a69d89600597','a54431ea274244bc86115c3792bbfbe1');
INSERT INTO "source_cell" VALUES('da43a34453eb4f089c84c1f38197428f','setup','code',1,'%load_ext autoreload
%autoreload 2

import mutual_information_figures as figures
import visible_checks
from notebook_helpers import note_unfinished_everywhere, unfinished

note_unfinished_everywhere()','f29ca6dc3a5ee72642b9645a6f03d20a','a54431ea274244bc86115c3792bbfbe1');
INSERT INTO "source_cell" VALUES('0c763934ee81497bb9abb820d9146f4f','joint-figure','code',1,'table = np.array([[0.20, 0.10], [0.15, 0.55]])  # table[x, y]: row x, column y
revision = ("not revised", "revised")
result = ("failed", "passed")

figures.joint_against_product(table, revision, result)','41247eb34c1d2011b2f123482de14617','a54431ea274244bc86115c3792bbfbe1');
INSERT INTO "source_cell" VALUES('e084156f80e44a5ca1381b201d59a3cc','identities-numbers','code',1,'from scipy.special import entr, rel_entr

p_x, p_y = table.sum(axis=1), table.sum(axis=0)
h_x, h_y, h_xy = (entr(p).sum() / math.log(2) for p in (p_x, p_y, table))  # entr is -p ln p: nats
h_x_given_y, h_y_given_x = h_xy - h_y, h_xy - h_x  # chain rule

print(f"divergence to the product : {rel_entr(table, np.outer(p_x, p_y)).sum() / math.log(2):.6f} bits")
print(f"H(X) − H(X|Y)             : {h_x:.6f} − {h_x_given_y:.6f} = {h_x - h_x_given_y:.6f} bits")
print(f"H(Y) − H(Y|X)             : {h_y:.6f} − {h_y_given_x:.6f} = {h_y - h_y_given_x:.6f} bits")
print(f"H(X) + H(Y) − H(X,Y)      : {h_x:.6f} + {h_y:.6f} − {h_xy:.6f} = {h_x + h_y - h_xy:.6f} bits")','dd2119d3752e8018f56faa66c8db50a7','a54431ea274244bc86115c3792bbfbe1');
INSERT INTO "source_cell" VALUES('9d7fe7c2a9f3423a9ed6759b3df832ab','mi-check','code',1,'visible_checks.check_mutual_information()','d74cb6e6465b3d1c4b3474b984a3299c','a54431ea274244bc86115c3792bbfbe1');
INSERT INTO "source_cell" VALUES('394b796dbd8740fc86905003379e4f22','mi-refusal-check','code',1,'visible_checks.check_refusals()','8b502dd5c16ee644b2afc2a9e3f0fa23','a54431ea274244bc86115c3792bbfbe1');
INSERT INTO "source_cell" VALUES('2b9a5faee1454cb98402650d5e3c108b','mi-numbers','code',1,'revised = ["no"] * 60 + ["yes"] * 140
passed = [False] * 40 + [True] * 20 + [False] * 30 + [True] * 110

with unfinished():
    print(f"I(revision; result) = {measures.mutual_information_discrete(revised, passed):.6f} bits")
    print(f"I(result; revision) = {measures.mutual_information_discrete(passed, revised):.6f} bits")
    print(f"I(result; result)   = {measures.mutual_information_discrete(passed, passed):.6f} bits, which is H(Y)")
    print(f"in nats             = {measures.mutual_information_discrete(revised, passed, base=math.e):.6f}")','992c49d0bdbecb321117b502754d9e1c','a54431ea274244bc86115c3792bbfbe1');
INSERT INTO "source_cell" VALUES('942c33a57dda44fdbc5f74c99439db06','noise-figure','code',1,'def noisy_columns(flip, n=200):
    """Return `n` bits and their copies, a share `flip` of which is flipped in both halves."""
    flipped = round(flip * n / 2)
    sent = [0] * (n // 2) + [1] * (n // 2)
    copy = ([1] * flipped + [0] * (n // 2 - flipped)) + ([0] * flipped + [1] * (n // 2 - flipped))
    return sent, copy


def draw_noise(flip):
    """Draw Figure 2 for one flip probability."""
    flips = np.linspace(0, 1, 101)
    curve = [measures.mutual_information_discrete(*noisy_columns(each)) for each in flips]
    figures.noisy_copy(flip, measures.mutual_information_discrete(*noisy_columns(flip)), (flips, curve))


with unfinished():
    draw_noise(0.11)','25c2d1bfff312c2cd592a5f90ab6bb1c','a54431ea274244bc86115c3792bbfbe1');
INSERT INTO "source_cell" VALUES('98b11764c25f4bd2a94d1af9d9707ae5','noise-slider','code',1,'from ipywidgets import FloatSlider, interact


@interact(flip=FloatSlider(value=0.11, min=0, max=1, step=0.01, continuous_update=False))
def line(flip):
    """Draw Figure 2 for the position of the slider."""
    with unfinished():
        draw_noise(flip)','d07101eb59e1b3cd1377754f5c2c7ede','a54431ea274244bc86115c3792bbfbe1');
INSERT INTO "source_cell" VALUES('673b045a81734cb29051ecccaef0a3df','predict-square-run','code',1,'numbers = [-2, -1, 0, 1, 2]
squares = [number**2 for number in numbers]

with unfinished():
    print(f"your guess : {my_guess}")
    print(f"correlation: {np.corrcoef(numbers, squares)[0, 1]:.4f}")
    print(f"I(X;Y)     : {measures.mutual_information_discrete(numbers, squares):.4f} bits")
    joint = np.array([[number**2 == square for square in (0, 1, 4)] for number in numbers]) / 5
    figures.number_and_square(numbers, (0, 1, 4), joint)','14a9bb6a24325a55ee336a9cf2886fd3','a54431ea274244bc86115c3792bbfbe1');
INSERT INTO "source_cell" VALUES('19821db4fad64d6a9165faef551b1476','predict-random-run','code',1,'rng = np.random.default_rng(1)

with unfinished():
    print(f"your guess: {my_guess}")
    for _ in range(5):
        first, second = rng.integers(0, 10, size=(2, 100)).tolist()
        print(f"two random columns: {measures.mutual_information_discrete(first, second):.4f} bits")','148faba95349293af054490a6bbce5ff','a54431ea274244bc86115c3792bbfbe1');
INSERT INTO "source_cell" VALUES('8b3dc7ebf2714ae0ab8325a3dc87cb00','bias-figure','code',1,'sizes = (10, 30, 100, 300, 1000, 3000)
estimates, lines = {}, {}


def of_independent_columns(k_x, k_y, n):
    """Return the estimate for two random columns of `n` labels that have nothing to do with each other."""
    return measures.mutual_information_discrete(rng.integers(0, k_x, n).tolist(), rng.integers(0, k_y, n).tolist())


with unfinished():
    for k_x, k_y in ((10, 10), (5, 3), (2, 2)):
        found = [[of_independent_columns(k_x, k_y, n) for _ in range(60)] for n in sizes]
        estimates[k_x, k_y] = np.array(found)  # (sizes, repeats)
        lines[k_x, k_y] = (k_x - 1) * (k_y - 1) / (2 * np.array(sizes) * math.log(2))
    figures.bias_against_sample_size(sizes, estimates, lines)','2f9174208804b25d9dc7bd2e3830f4e0','a54431ea274244bc86115c3792bbfbe1');
INSERT INTO "source_cell" VALUES('c2af637414684abd9930549e6f59ee4f','shuffle-figure','code',1,'digits = rng.integers(0, 6, size=60)
unrelated = rng.integers(0, 6, size=60)
related = np.where(rng.random(60) < 1 / 2, digits, unrelated)

with unfinished():
    cases = {}
    for name, other in (("independent", unrelated), ("half repeated", related)):
        observed = measures.mutual_information_discrete(digits.tolist(), other.tolist())
        shuffles = [
            measures.mutual_information_discrete(digits.tolist(), rng.permutation(other).tolist()) for _ in range(300)
        ]
        cases[name] = (observed, np.array(shuffles))
    figures.shuffled_estimates(cases)','c88611fe1eef3cd6edb24158a19f1cfb','a54431ea274244bc86115c3792bbfbe1');
INSERT INTO "source_cell" VALUES('2338b399fdb347778be497ee93ee1410','neighbours-figure','code',1,'of_class_0 = [-1.2, -0.7, -0.3, 0.1, 0.5, 0.9, 1.2, 1.6, 2.3]
of_class_1 = [0.3, 0.7, 1.1, 1.4, 1.9, 2.2, 2.6, 3.0, 3.6]

figures.neighbours(of_class_0 + of_class_1, [0] * 9 + [1] * 9, chosen=of_class_0.index(0.9))','5aaabe065386b3c865481e5a56fb55c9','a54431ea274244bc86115c3792bbfbe1');
INSERT INTO "source_cell" VALUES('ca15a21c910f4d719af871671f70c228','selection-check','code',1,'visible_checks.check_feature_selection()','ccc2fd56e4626f92cfcfc8e2df8da13d','a54431ea274244bc86115c3792bbfbe1');
INSERT INTO "source_cell" VALUES('e93b7a81d5764725ab55a256279d9319','twenty-columns-data','code',1,'from sklearn.datasets import make_classification

recipe = {"n_samples": 1000, "n_features": 20, "n_informative": 5, "n_redundant": 5, "n_repeated": 0, "n_classes": 2}
X, y = make_classification(**recipe, random_state=42)
in_order, _ = make_classification(**recipe, random_state=42, shuffle=False)  # informative, redundant, noise

same_values = (np.sort(X, axis=0)[:, :, np.newaxis] == np.sort(in_order, axis=0)[:, np.newaxis, :]).all(axis=0)
made_as = ["informative" if j < 5 else "redundant" if j < 10 else "noise" for j in same_values.argmax(axis=1)]
print(f"{X.shape[0]} rows, {X.shape[1]} columns, {np.mean(y):.1%} of the rows in class 1")','2a61bce498954e9f0b99266fd0b9b2a2','a54431ea274244bc86115c3792bbfbe1');
INSERT INTO "source_cell" VALUES('650e8f69b12244d1962bb328e3ea389e','scores-figure','code',1,'with unfinished():
    selected, scores = measures.feature_selection_by_mi(X, y)
    selected = [int(j) for j in selected]
    print("selected, best first:", *(f"{j} ({made_as[j]}, {scores[j]:.3f} nats)" for j in selected), sep="\n  ")
    figures.scores_by_feature(scores, selected, made_as)','79335e7ecc64cf371d85f235085fed77','a54431ea274244bc86115c3792bbfbe1');
INSERT INTO "source_cell" VALUES('ff46b0f3ff5a454e96fe3eb315d5968f','rank-figure','code',1,'with unfinished():
    selected, scores = measures.feature_selection_by_mi(X, y, n_features=5)
    figures.scores_by_rank(scores, made_as, len(selected))','c326baaf36d68f9d6eddb1c075021fb4','a54431ea274244bc86115c3792bbfbe1');
INSERT INTO "source_cell" VALUES('7f92d06ff8d743d6a913b6732afcd946','predict-xor-run','code',1,'coin, other_coin = [0, 0, 1, 1], [0, 1, 0, 1]
differ = [a ^ b for a, b in zip(coin, other_coin, strict=True)]
both = list(zip(coin, other_coin, strict=True))  # a tuple is one label

with unfinished():
    print(f"your guess              : {my_guess}")
    print(f"I(first coin; class)    : {measures.mutual_information_discrete(coin, differ):.4f} bits")
    print(f"I(second coin; class)   : {measures.mutual_information_discrete(other_coin, differ):.4f} bits")
    print(f"I(both together; class) : {measures.mutual_information_discrete(both, differ):.4f} bits")','90bda12ad5c29177003f2ce98a843758','a54431ea274244bc86115c3792bbfbe1');
INSERT INTO "source_cell" VALUES('02a5a084e9b247268995278ef9e7ab19','xor-figure','code',1,'a, b = rng.normal(size=(2, 400))
signs_differ = (np.sign(a) != np.sign(b)).astype(int)

with unfinished():
    _, alone = measures.feature_selection_by_mi(np.column_stack([a, b]), signs_differ, n_features=1)
    signs = list(zip((a > 0).tolist(), (b > 0).tolist(), strict=True))
    together = measures.mutual_information_discrete(signs, signs_differ.tolist())
    figures.exclusive_or(
        a,
        b,
        signs_differ,
        {
            "first feature": alone[0] / math.log(2),  # scores are nats
            "second feature": alone[1] / math.log(2),
            "both signs\ntogether": together,
        },
    )','f76eae322a59f5e8263c9bd1674e4e1e','a54431ea274244bc86115c3792bbfbe1');
INSERT INTO "source_cell" VALUES('66384cf82f1f432babcc52afa6bd18f4','predict-copies-run','code',1,'with unfinished():
    best = int(measures.feature_selection_by_mi(X, y, n_features=1)[0][0])
    with_copies = np.column_stack([X, 2.54 * X[:, best], X[:, best]])  # columns 20 and 21 are new
    chosen, copied_scores = measures.feature_selection_by_mi(with_copies, y, n_features=3)
    print(f"your guess: {my_guess}")
    for j in chosen:
        print(f"column {int(j):2d}: {copied_scores[int(j)]:.4f} nats")

    halves = (X[:, best] > 0).tolist()  # the sign of the column, so that information can be counted
    twice = list(zip(halves, halves, strict=True))
    print(f"I(sign; class)           : {measures.mutual_information_discrete(halves, y.tolist()):.4f} bits")
    print(f"I((sign, sign); class)   : {measures.mutual_information_discrete(twice, y.tolist()):.4f} bits")','3ef9c4b7d659ef68c49f3684dff2ffbf','a54431ea274244bc86115c3792bbfbe1');
INSERT INTO "source_cell" VALUES('91e46da344d547b0835644d6a9a73f5d','example-3','code',1,'visible_checks.check_example_3()','f1d11190418f996803849ebadfa47541','a54431ea274244bc86115c3792bbfbe1');
INSERT INTO "source_cell" VALUES('a437dbbe791841bda55b9c8deb3b5aa5','exercise-3','code',0,'# is_independent, independent_version, dependent_but_uncorrelated, pairwise_independent_joint
claims = {  # replace each None by True or False
    "zero_mi_means_zero_correlation": None,
    "zero_correlation_means_zero_mi": None,
    "zero_mi_means_same_distribution": None,
    "pairwise_means_joint_independence": None,
    "functions_stay_independent": None,
    "conditioning_keeps_independence": None,
    "independent_samples_score_above_zero": None,
    "knowing_y_leaves_the_entropy_of_x": None,
}


# Write your code here, then run this cell.','93d1e07788e4fcac92df68bef768114b','a54431ea274244bc86115c3792bbfbe1');
INSERT INTO "source_cell" VALUES('d40c42fcd70b48d7b40c2414da63873c','exercise-3-check','code',1,'visible_checks.check_exercise_3(globals())','5075a4b202ee3e168645dd101b1afa97','a54431ea274244bc86115c3792bbfbe1');
INSERT INTO "source_cell" VALUES('220ee8484ac3440b8c86aa2bdcdb95a2','exercise-3-explanation','markdown',0,'*Write your answer here.*','19f871153bf1a64c923ff935bbedb040','a54431ea274244bc86115c3792bbfbe1');
INSERT INTO "source_cell" VALUES('409ffedea86c48ecb182dd1aaa75ef4a','answer-figure','code',1,'from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

train, test = slice(0, 700), slice(700, None)


def accuracy(columns):
    """Return the share of the last 300 rows that a classifier gets right after learning from the first 700."""
    classifier = make_pipeline(StandardScaler(), KNeighborsClassifier(15))
    return classifier.fit(X[train][:, columns], y[train]).score(X[test][:, columns], y[test])


with unfinished():
    ranking, train_scores = measures.feature_selection_by_mi(X[train], y[train], n_features=20)
    ranking = [int(j) for j in ranking]
    informative = [j for j in range(20) if made_as[j] == "informative"]
    print("informative   score    accuracy of the other four")
    for j in informative:
        print(f"  column {j:2d}   {train_scores[j]:.3f}    {accuracy([i for i in informative if i != j]):.2f}")
    figures.accuracy_by_columns(
        {
            "5 largest\nscores": accuracy(ranking[:5]),
            "5 smallest\nscores": accuracy(ranking[-5:]),
            "all 20": accuracy(list(range(20))),
            "5 informative": accuracy(informative),
        },
        float(max(np.mean(y[test]), 1 - np.mean(y[test]))),
    )','7bf93076ef514825e6ca6a5b476e3678','a54431ea274244bc86115c3792bbfbe1');
INSERT INTO "source_cell" VALUES('3e66eca2c8214ee9bedf43908f22e0e8','trap-continuous','code',1,'with unfinished():
    for n in (10, 100, 1000):
        u, v = rng.normal(size=(2, n)).tolist()
        shared = measures.mutual_information_discrete(u, v)
        print(f"N = {n:4d}: I = {shared:.4f} bits; log2 N = {math.log2(n):.4f}; truth 0")','3112407cb623e0f99e419d0b4c972df1','a54431ea274244bc86115c3792bbfbe1');
INSERT INTO "source_cell" VALUES('d78a9b7f6db748b6be3f11d60364bf7e','trap-id','code',1,'bought = rng.integers(0, 2, size=200)
columns = {
    "customer number, 200 labels": np.arange(200),
    "birthday, 366 labels": rng.integers(0, 366, size=200),
    "weekday, 7 labels": rng.integers(0, 7, size=200),
    "what they looked at": np.where(rng.random(200) < 0.85, bought, 1 - bought),
}

with unfinished():
    for name, column in columns.items():
        found = measures.mutual_information_discrete(column.tolist(), bought.tolist())
        shuffled = [
            measures.mutual_information_discrete(rng.permutation(column).tolist(), bought.tolist()) for _ in range(50)
        ]
        print(f"{name:27}: {found:.3f} bits, shuffled {np.mean(shuffled):.3f} bits")','c81e7bfeba5163f2a6b7f54907731077','a54431ea274244bc86115c3792bbfbe1');
INSERT INTO "source_cell" VALUES('4f0a63104a2448cdbbbe99594037b3fd','trap-best','code',1,'answers = rng.integers(0, 2, size=80)
noise = rng.integers(0, 2, size=(80, 500))

with unfinished():
    early, late = (
        [measures.mutual_information_discrete(column.tolist(), answers[rows].tolist()) for column in noise[rows].T]
        for rows in (slice(0, 40), slice(40, 80))
    )
    winner = int(np.argmax(early))
    print(f"mean of 500 random columns, first 40 rows: {np.mean(early):.4f} bits")
    print(f"the best of them, first 40 rows          : {early[winner]:.4f} bits")
    print(f"the same column, other 40 rows           : {late[winner]:.4f} bits")','fa1d908dc8cfc368d07fa43e3f6d3e9a','a54431ea274244bc86115c3792bbfbe1');
INSERT INTO "source_cell" VALUES('4475268337174c55ae1341a3810ca40a','trap-units','code',1,'from sklearn.metrics import mutual_info_score

with unfinished():
    bits = measures.mutual_information_discrete(coin, coin)
    nats = mutual_info_score(coin, coin)
    print(f"a coin and its copy, your function: {bits:.6f} bits")
    print(f"a coin and its copy, scikit-learn : {nats:.6f} nats = {nats / math.log(2):.6f} bits")
    print(f"H(X) in bits less I in nats       : {1 - nats:.6f}  <- not what is left of H(X)")','37e17a0222b7c05fdedb2d1138d6e63d','a54431ea274244bc86115c3792bbfbe1');
INSERT INTO "source_cell" VALUES('baddb255910c467ba61b51a4a23d3179','trap-labels','code',1,'print("np.array([1, ''1''])              :", np.array([1, "1"]))
print("np.array([2**60 + 1, 0.5])[0]   :", int(np.array([2**60 + 1, 0.5])[0]), "instead of", 2**60 + 1)

codes = [2**60, 2**60 + 1, 2**60, 2**60 + 1]
with unfinished():
    print(f"large codes and a copy          : {measures.mutual_information_discrete(codes, codes):.4f} bits")
    as_floats = np.array(codes, dtype=float).tolist()
    print(f"the same, stored as floats      : {measures.mutual_information_discrete(as_floats, codes):.4f} bits")','accc1f7f6e2275c16c0ba192371acbae','a54431ea274244bc86115c3792bbfbe1');
INSERT INTO "source_cell" VALUES('c949c4df425b4e26bf7ceb67ee62362f','trap-negative','code',1,'rows, columns = np.array([1, 2]), np.array([1, 1, 1])  # counts of two independent variables
h_rows, h_columns, h_cells = (
    -sum(n / counts.sum() * math.log2(n / counts.sum()) for n in counts.ravel().tolist())
    for counts in (rows, columns, np.outer(rows, columns))
)
print(f"H(X) + H(Y) − H(X,Y) of independent variables: {h_rows + h_columns - h_cells:+.1e} bits")','9181854e7058118ed2b5a01a36d7bd94','a54431ea274244bc86115c3792bbfbe1');
CREATE TABLE student (
	id VARCHAR(128) NOT NULL, 
	first_name VARCHAR(128), 
	last_name VARCHAR(128), 
	email VARCHAR(128), 
	lms_user_id VARCHAR(128), 
	PRIMARY KEY (id)
);
INSERT INTO "student" VALUES('ada',NULL,NULL,NULL,NULL);
INSERT INTO "student" VALUES('wanda',NULL,NULL,NULL,NULL);
CREATE TABLE submitted_assignment (
	id VARCHAR(32) NOT NULL, 
	assignment_id VARCHAR(32), 
	student_id VARCHAR(128), 
	timestamp DATETIME, 
	extension DATETIME, 
	PRIMARY KEY (id), 
	UNIQUE (assignment_id, student_id), 
	FOREIGN KEY(assignment_id) REFERENCES assignment (id), 
	FOREIGN KEY(student_id) REFERENCES student (id)
);
INSERT INTO "submitted_assignment" VALUES('595e43ba71c349a29cff3959becedb55','7b6a80ba1fa8449fabb8530d56c371db','ada',NULL,NULL);
INSERT INTO "submitted_assignment" VALUES('7056a0f0bd114e11ab0e97d77f11e036','7b6a80ba1fa8449fabb8530d56c371db','wanda',NULL,NULL);
CREATE TABLE submitted_notebook (
	id VARCHAR(32) NOT NULL, 
	assignment_id VARCHAR(32), 
	notebook_id VARCHAR(32), 
	flagged BOOLEAN, 
	late_submission_penalty FLOAT, 
	PRIMARY KEY (id), 
	UNIQUE (notebook_id, assignment_id), 
	FOREIGN KEY(assignment_id) REFERENCES submitted_assignment (id), 
	FOREIGN KEY(notebook_id) REFERENCES notebook (id)
);
INSERT INTO "submitted_notebook" VALUES('7de0e662225043c2826014711e4c00fe','595e43ba71c349a29cff3959becedb55','a54431ea274244bc86115c3792bbfbe1',0,NULL);
INSERT INTO "submitted_notebook" VALUES('f6bd43cd8371475f98aa8dce27114359','7056a0f0bd114e11ab0e97d77f11e036','a54431ea274244bc86115c3792bbfbe1',0,NULL);
CREATE TABLE task_cells (
	id VARCHAR(32) NOT NULL, 
	max_score FLOAT NOT NULL, 
	cell_type VARCHAR(8) NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(id) REFERENCES base_cell (id)
);
COMMIT;
