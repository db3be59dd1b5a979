"""Two short contracts in a folder, to show that the factory reads a learner's own documents."""

from pathlib import Path

from ...files import write_whole

CONTRACTS = {
    "boat_lease.txt": (
        "1. Rent\nThe tenant pays EUR 310 to the owner on the first working day of each month, by bank transfer.\n\n"
        "2. End\nEither side may end this lease by giving forty-five (45) days' notice in writing to the other side.\n\n"
        "3. Law\nThis lease is governed by the laws of Portugal, and the parties submit to the courts of its capital.\n"
    ),
    "crane_hire.txt": (
        "1. Start\nThe hire begins on 4 May 2021 and goes on until one of the parties says that it has to end.\n\n"
        "2. Late payment\nAn invoice that is paid late bears interest of six per cent a year, counted from its day.\n"
    ),
}


def example_folder(folder: Path) -> Path:
    """Write the two contracts into the folder, which is made; returns it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in CONTRACTS.items():
        write_whole(folder / name, text)
    return folder
