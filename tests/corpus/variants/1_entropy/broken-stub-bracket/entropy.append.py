print("checked"
