"""Start SketchDesk: `python main.py` opens the window, `python main.py --help` lists the commands."""

from sketchdesk.entry import main

raise SystemExit(main())
