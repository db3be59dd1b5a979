class Lab: pass
